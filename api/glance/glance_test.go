package glance_test

import (
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/api/glance"
)

func TestAGlanceComesBackHoweverManyTakeOne(t *testing.T) {
	t.Parallel()
	g := glance.New()
	require.NotNil(t, g)
	var callers sync.WaitGroup
	for range 16 {
		callers.Go(func() {
			for range 500 {
				g.Take()
			}
		})
	}
	callers.Wait()
}

func TestNoGlanceIsNone(t *testing.T) {
	t.Parallel()
	var g *glance.Glance
	require.NotPanics(t, g.Take)
	require.True(t, g.Busy())
}

func TestAProcessorThatIsIdleIsKnown(t *testing.T) {
	if runtime.GOMAXPROCS(0) < 2 {
		t.Skip("the one processor is at work")
	}
	// No other test runs beside this one, so that some processor is idle soon.
	g := glance.New()
	require.Eventually(t, func() bool { return !g.Busy() }, time.Minute, time.Millisecond)
}

func BenchmarkTake(b *testing.B) {
	g := glance.New()
	for b.Loop() {
		g.Take()
	}
}

func BenchmarkBusy(b *testing.B) {
	g := glance.New()
	for b.Loop() {
		g.Busy()
	}
}
