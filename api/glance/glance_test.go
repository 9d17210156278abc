package glance_test

import (
	"sync"
	"testing"

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
}
