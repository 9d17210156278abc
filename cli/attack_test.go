//go:build attack

package cli_test

import (
	"fmt"
	"net/http"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestSlowClientsShutNobodyOut(t *testing.T) {
	tool, err := exec.LookPath("slowhttptest")
	if err != nil {
		t.Skip("slowhttptest is not installed")
	}
	for _, tt := range []struct{ name, args string }{
		{"slow headers", "-c 900 -H -i 4 -r 450 -p 2 -l 14 -u %s/healthz"},
		{"slow bodies", "-c 900 -B -i 4 -r 450 -s 100000 -t POST -f application/json -p 2 -l 14 -u %s/v1/estimate"},
		{"slow reading", "-c 900 -X -r 450 -w 1 -y 2 -n 2 -z 1 -k 1 -p 2 -l 14 -u %s/openapi.json"},
		{"idle connections", "-c 900 -X -r 450 -w 1 -y 2 -n 2 -z 1 -k 1 -p 2 -l 14 -u %s/healthz"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := startWithFiles(t, 700)
			attack := exec.Command(tool, strings.Fields(fmt.Sprintf(tt.args, s.url))...)
			require.NoError(t, attack.Start())
			done := make(chan struct{})
			var wg sync.WaitGroup
			wg.Go(func() { _ = attack.Wait(); close(done) })
			failed, worst, longest := 0, time.Duration(0), time.Duration(0)
			probes, lastGood := 0, time.Now()
			for {
				select {
				case <-done:
				case <-time.After(100 * time.Millisecond):
					client := &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
					o := s.send(t.Context(), client, strings.NewReader(hello), int64(len(hello)))
					probes++
					worst = max(worst, o.took)
					if o.status == 200 {
						longest, lastGood = max(longest, time.Since(lastGood)), time.Now()
					} else {
						failed++
					}
					continue
				}
				break
			}
			wg.Wait()
			longest = max(longest, time.Since(lastGood))
			scorecard(t, "17", "slowhttptest, "+tt.name+": 900 connections, 700 descriptors, 14 s", "a healthy caller is back in less than 1.5 s",
				fmt.Sprintf("%d probes, %d failed, slowest %.0f ms, longest time without an answer %.1f s", probes, failed, ms(worst), longest.Seconds()))
			require.Equal(t, 200, s.status("/healthz"))
			require.Less(t, longest, 10*time.Second)
		})
	}
}
