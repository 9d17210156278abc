package api_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/api"
)

func TestServiceKeysGuardEveryRouteOfV1AndNoOther(t *testing.T) {
	t.Parallel()
	h := service(t, &fake{estimate: contractEstimate(t), tokens: 80}, func(o *api.Options) {
		o.APIKeys = api.NewKeyring("first-key", "second-key")
		o.Metrics = &recorder{}
	})
	guarded := []struct{ method, path, body string }{
		{http.MethodPost, "/v1/estimate", hello},
		{http.MethodPost, "/v1/lint", hello},
		{http.MethodPost, "/v1/tokenizers/estimate-token-count", hello},
		{http.MethodGet, "/v1/models", ""},
		{http.MethodGet, "/v1/models/kimi-k2.5", ""},
		{http.MethodGet, "/v1/prices", ""},
	}
	for _, tt := range []struct {
		name, authorization string
		status              int
	}{
		{"none", "", 401},
		{"another scheme", "Basic first-key", 401},
		{"no scheme", "first-key", 401},
		{"a wrong key", "Bearer third-key", 403},
		{"a prefix of a key", "Bearer first-ke", 403},
		{"an empty key", "Bearer ", 403},
		{"two keys in one", "Bearer first-key second-key", 403},
		{"the first", "Bearer first-key", 200},
		{"the second, scheme in lower case", "bearer second-key", 200},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for _, route := range guarded {
				rec := call(t, h, route.method, route.path, route.body, func(r *http.Request) {
					if tt.authorization != "" {
						r.Header.Set("Authorization", tt.authorization)
					}
				})
				require.Equal(t, tt.status, rec.Code, "%s: %s", route.path, rec.Body)
				require.NotContains(t, rec.Body.String(), "third-key")
				require.Equal(t, tt.status == 401, rec.Header().Get("WWW-Authenticate") != "", route.path)
				switch {
				case tt.status == 200:
				case route.path == "/v1/tokenizers/estimate-token-count":
					vendorErrorOf(t, rec)
				default:
					problemOf(t, rec)
				}
			}
		})
	}
	for _, path := range []string{"/healthz", "/readyz", "/metrics", "/openapi.json", "/openapi.yaml", "/swagger/index.html"} {
		require.Equal(t, http.StatusOK, call(t, h, http.MethodGet, path, "").Code, path)
	}
}

func TestWithoutServiceKeysEverybodyMayCall(t *testing.T) {
	t.Parallel()
	h := service(t, &fake{estimate: contractEstimate(t)})
	rec := call(t, h, http.MethodPost, "/v1/estimate", hello, header("Authorization", "Bearer sk-of-the-vendor"))
	require.Equal(t, http.StatusOK, rec.Code)
}
