package cli_test

import (
	"fmt"
	"regexp"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

// collections is how often the collector has run.
func (s *running) collections() int {
	s.t.Helper()
	found := regexp.MustCompile(`(?m)^go_gc_duration_seconds_count (\d+)$`).FindStringSubmatch(s.metrics())
	require.Len(s.t, found, 2)
	n, err := strconv.Atoi(found[1])
	require.NoError(s.t, err)
	return n
}

func TestTheRoomForGarbageIsUsedBeforeItIsCollectedAndTakesNoMemoryAtRest(t *testing.T) {
	t.Parallel()
	const slack = 16 << 20
	s, tight := start(t), start(t, "GOMEMLIMIT=1GiB") // which says that there is to be none
	require.Less(t, s.peak(t), tight.peak(t)+slack/2)

	ran, ranTight := s.collections(), tight.collections()
	for i := range 6000 {
		body := fmt.Sprintf(`{"model":"kimi-k2.6","messages":[{"role":"user","content":"Hello %d"}]}`, i)
		for _, each := range []*running{s, tight} {
			status, _ := each.post("/v1/estimate", body)
			require.Equal(t, 200, status)
		}
	}
	ran, ranTight = s.collections()-ran, tight.collections()-ranTight
	require.GreaterOrEqual(t, ranTight, 2*max(ran, 1), "collections without and with room: %d, %d", ranTight, ran)
}
