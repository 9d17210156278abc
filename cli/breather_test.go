package cli

import (
	"net"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestWhoeverCountsGivesWayToWhatArrivesFromTheNetwork(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	caller, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", l.Addr().String())
	require.NoError(t, err)
	defer caller.Close()
	conn, err := l.Accept()
	require.NoError(t, err)
	defer conn.Close()

	b := newBreather(time.Now)
	found := 0
	for range 50 {
		waits := make(chan struct{})
		var read atomic.Bool
		done := make(chan struct{})
		go func() {
			defer close(done)
			close(waits)
			_, err := conn.Read(make([]byte, 1))
			read.Store(err == nil)
		}()
		<-waits
		runtime.Gosched() // now it reads
		_, err := caller.Write([]byte("x"))
		require.NoError(t, err)
		b.next = time.Time{}
		b.breathe()
		if read.Load() {
			found++
		}
		<-done
	}
	// Not each time: a thread that waited for the network may be about to bring it.
	require.Greater(t, found, 10)
}

func TestWhoeverCountsHasAsMuchTimeAsItGave(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	const busy = 7 * time.Millisecond
	var clock atomic.Int64
	b := newBreather(func() time.Time { return time.Unix(0, clock.Load()) })
	var turns atomic.Int64
	stop := make(chan struct{})
	done := make(chan struct{})
	go func() { // always has something to do, as those who are turned away
		defer close(done)
		for {
			select {
			case <-stop:
				return
			default:
				turns.Add(1)
				clock.Add(int64(busy))
				runtime.Gosched()
			}
		}
	}()
	b.breathe()
	given := turns.Load()
	require.Positive(t, given)
	require.Equal(t, 2*time.Duration(given)*busy, b.next.Sub(time.Unix(0, 0)))
	b.breathe()
	require.Equal(t, given, turns.Load(), "it is not time yet")
	close(stop)
	<-done
}
