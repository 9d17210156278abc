package api_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/api"
	"tollgate/estimator"
	"tollgate/estimator/chat"
)

// asking is an estimator that sends a request on, as one that asks a vendor
// does, and remembers what it sent.
type asking struct {
	fake

	ask  bool
	sent []byte
	last *chat.Request
}

func (a *asking) Estimate(ctx context.Context, req *chat.Request, q estimator.Query) (*estimator.Estimate, error) {
	a.last = req
	if a.ask {
		body, ok := req.VendorBody("kimi-k2.6", true)
		if !ok {
			return nil, fmt.Errorf("the body is gone")
		}
		for range 2 { // a second attempt reads it again
			sent, err := io.ReadAll(body.NewReader())
			if err != nil {
				return nil, err
			}
			a.sent = sent
		}
	}
	return a.fake.Estimate(ctx, req, q)
}

// largePicture is a request of one image of so many bytes.
func largePicture(size int) string {
	return `{ "messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,` +
		strings.Repeat("iVBORw0KGgoAAAANSUhEUgAA", size/24) + `"}}]}],"temperature":1, "model":"kimi-k2.6"}`
}

func TestALargeBodyIsForwardedFromDiskAsItCame(t *testing.T) {
	t.Parallel()
	body := largePicture(8 << 20)
	for _, tt := range []struct {
		name  string
		spool int64
		dir   string
	}{
		{"spooled", 32 << 20, t.TempDir()},
		{"no room", 1 << 20, t.TempDir()},
		{"no such directory", 32 << 20, filepath.Join(t.TempDir(), "missing")},
		{"switched off", 0, t.TempDir()},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			e := &asking{fake: fake{estimate: contractEstimate(t)}, ask: true}
			h := service(t, e, keep, func(o *api.Options) { o.SpoolDir, o.SpoolBytes = tt.dir, tt.spool })
			require.Equal(t, http.StatusOK, call(t, h, http.MethodPost, "/v1/estimate", body).Code)
			from, to := strings.Index(body, `[{"role"`), strings.Index(body, `,"temperature"`)
			require.True(t, bytes.Equal([]byte(`{"model":"kimi-k2.6","messages":`+body[from:to]+`}`), e.sent))
			files, err := os.ReadDir(tt.dir)
			require.True(t, err != nil || len(files) == 0, "the file has no name")
		})
	}
}

func TestTheRoomOnDiskComesBack(t *testing.T) {
	t.Parallel()
	body := largePicture(5 << 20)
	for _, ask := range []bool{false, true} {
		e := &asking{fake: fake{estimate: contractEstimate(t)}, ask: ask}
		h := service(t, e, keep, func(o *api.Options) {
			o.SpoolDir, o.SpoolBytes, o.Now = t.TempDir(), 12<<20, time.Now
			o.MemoryBytes = 1 << 20 // what is not spooled is alone
		})
		for range 10 { // five times more than there is room for
			require.Equal(t, http.StatusOK, call(t, h, http.MethodPost, "/v1/estimate", body).Code)
			require.Eventually(t, func() bool {
				runtime.GC()
				return call(t, h, http.MethodPost, "/v1/estimate", body).Code == http.StatusOK
			}, 10*time.Second, time.Millisecond)
		}
		if !ask { // what nobody asked for is gone with its answer
			_, ok := e.last.VendorBody("kimi-k2.6", false)
			require.False(t, ok)
		}
	}
}

func TestADiskThatTakesNothingIsA503(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	e := api.ScanOntoLostDisk(dir, largePicture(4096))
	require.Equal(t, http.StatusServiceUnavailable, e.Status)
	require.Equal(t, "overloaded", e.Code)
	require.Contains(t, e.Detail, "disk")
	require.NotContains(t, e.Detail, dir)
	require.Positive(t, e.RetryAfter)
}
