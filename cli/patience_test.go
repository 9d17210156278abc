package cli

import (
	"io"
	"net"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/nettest"
)

// patientPair returns two ends of a connection on loopback, both patient, and
// the second as it is without.
func patientPair(tb testing.TB) (one, other *patient, bare *counted) {
	tb.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(tb, err)
	defer func() { _ = listener.Close() }()
	dialed, err := net.Dial("tcp", listener.Addr().String())
	require.NoError(tb, err)
	accepted, err := listener.Accept()
	require.NoError(tb, err)
	tb.Cleanup(func() {
		_ = dialed.Close()
		_ = accepted.Close()
	})
	bare = &counted{Conn: accepted}
	return newPatient(dialed), newPatient(bare), bare
}

// counted counts the deadlines of a connection.
type counted struct {
	net.Conn

	set int
}

func (c *counted) SetReadDeadline(t time.Time) error {
	c.set++
	return c.Conn.SetReadDeadline(t)
}

func TestAPatientConnectionIsAsAnyOther(t *testing.T) {
	t.Parallel()
	nettest.TestConn(t, func() (net.Conn, net.Conn, func(), error) {
		one, other, _ := patientPair(t)
		return one, other, func() {
			_ = one.Close()
			_ = other.Close()
		}, nil
	})
}

func TestADeadlineThatIsPutOffEndsNoWait(t *testing.T) {
	t.Parallel()
	one, other, bare := patientPair(t)
	pass(t, one, other, time.Now().Add(time.Second))
	last := time.Now().Add(1100 * time.Millisecond)
	require.NoError(t, other.SetReadDeadline(last))
	_, err := other.Read(make([]byte, 1))
	require.ErrorIs(t, err, os.ErrDeadlineExceeded)
	require.False(t, time.Now().Before(last), "the first deadline was put off")
	pass(t, one, other, time.Time{}) // without a deadline it can be read again
	require.LessOrEqual(t, bare.set, 3, "one timer, moved when it went off")
}

// pass passes a byte from one end to the other, which has a deadline.
func pass(t *testing.T, one, other net.Conn, deadline time.Time) {
	t.Helper()
	require.NoError(t, other.SetReadDeadline(deadline))
	_, err := one.Write([]byte("x"))
	require.NoError(t, err)
	_, err = other.Read(make([]byte, 1))
	require.NoError(t, err)
}

func TestDeadlinesOfManyRequestsMoveOneTimer(t *testing.T) {
	t.Parallel()
	one, other, bare := patientPair(t)
	for range 100 {
		for _, d := range []time.Duration{15 * time.Minute, 5 * time.Minute} {
			require.NoError(t, other.SetReadDeadline(time.Now().Add(d)))
		}
		pass(t, one, other, time.Now().Add(time.Hour))
		require.NoError(t, other.SetReadDeadline(time.Unix(1, 0))) // as net/http stops a read ahead
		_, err := other.Read(make([]byte, 1))
		require.ErrorIs(t, err, os.ErrDeadlineExceeded)
		require.NoError(t, other.SetReadDeadline(time.Time{}))
	}
	require.Equal(t, 1, bare.set)
}

func TestAWriteThatATimerEndsTooEarlyGoesOn(t *testing.T) {
	t.Parallel()
	one, other, _ := patientPair(t)
	const soon = time.Second
	require.NoError(t, one.SetWriteDeadline(time.Now().Add(soon)))
	_, err := one.Write([]byte("x"))
	require.NoError(t, err)
	require.NoError(t, one.SetWriteDeadline(time.Time{}))
	time.AfterFunc(soon+100*time.Millisecond, func() { _, _ = io.Copy(io.Discard, other) })
	const size = 32 << 20 // far more than the kernel holds
	n, err := one.Write(make([]byte, size))
	require.NoError(t, err)
	require.Equal(t, size, n)
}
