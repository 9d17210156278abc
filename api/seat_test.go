package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/api"
	"tollgate/estimator/moonshot/fakevendor"
)

// Who waits for the vendor is not worked on, so others are.
func TestManyMayWaitForTheVendorAtOnce(t *testing.T) {
	t.Parallel()
	est, vendor := withVendor(t, 5*time.Second)
	h := service(t, est, keep, func(o *api.Options) { o.Concurrency = 1 })
	ask := func(query string, i int) int {
		body := strings.Replace(hello, "Hello", fmt.Sprint("Hello ", i), 1)
		return call(t, h, http.MethodPost, "/v1/estimate"+query, body).Code
	}
	require.Equal(t, http.StatusOK, ask("", -1))
	vendor.Set(func(o *fakevendor.Options) { o.Delay = 300 * time.Millisecond })
	var wg sync.WaitGroup
	codes := make([]int, 8)
	for i := range codes {
		wg.Go(func() { codes[i] = ask("?method=vendor", i) })
	}
	time.Sleep(50 * time.Millisecond)
	require.Equal(t, http.StatusOK, ask("?method=approximation", 100), "while all of them wait")
	wg.Wait()
	for _, code := range codes {
		require.Equal(t, http.StatusOK, code)
	}

	vendor.Set(func(o *fakevendor.Options) { o.Fault = fakevendor.Fault503 })
	for i := range codes {
		wg.Go(func() { codes[i] = ask("", 200+i) })
	}
	wg.Wait()
	for _, code := range codes {
		require.Equal(t, http.StatusOK, code, "each has its turn again to count here")
	}
	require.Equal(t, http.StatusOK, ask("?method=approximation", 300), "no place was lost")
}
