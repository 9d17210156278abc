package api_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/api"
	"tollgate/openapi"
)

func TestTheSwaggerPageIsServedWholeFromTheBinary(t *testing.T) {
	t.Parallel()
	h := service(t, &fake{})
	page := call(t, h, http.MethodGet, "/swagger/index.html", "")
	require.Equal(t, http.StatusOK, page.Code)
	require.Equal(t, "text/html; charset=utf-8", page.Header().Get("Content-Type"))
	policy := page.Header().Get("Content-Security-Policy")
	require.Contains(t, policy, "script-src 'self';")
	require.Contains(t, policy, "frame-ancestors 'none'")
	require.NotRegexp(t, `<script>|<script [^>]*>[^<\s]`, page.Body.String(), "no inline script")

	links := regexp.MustCompile(`(?:src|href)="([^"]+)"`).FindAllStringSubmatch(page.Body.String(), -1)
	require.GreaterOrEqual(t, len(links), 6)
	linked := map[string]bool{"index.html": true}
	for _, l := range links {
		name := strings.TrimPrefix(l[1], "./")
		require.NotContains(t, name, "/", "everything is beside the page")
		linked[name] = true
	}
	types := map[string]string{
		".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8",
		".js": "application/javascript", ".png": "image/png",
	}
	for _, name := range api.SwaggerAssets() {
		require.True(t, linked[name], "%s is served and not used", name)
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			rec := call(t, h, method, "/swagger/"+name, "")
			require.Equal(t, http.StatusOK, rec.Code, name)
			require.Equal(t, types[name[strings.LastIndex(name, "."):]], rec.Header().Get("Content-Type"), name)
			require.Equal(t, "nosniff", rec.Header().Get("X-Content-Type-Options"))
			require.Equal(t, "no-referrer", rec.Header().Get("Referrer-Policy"))
			require.True(t, method == http.MethodHead || rec.Body.Len() > 0)
		}
	}
	require.Len(t, linked, len(api.SwaggerAssets()))
	start := call(t, h, http.MethodGet, "/swagger/swagger-initializer.js", "").Body.String()
	require.Contains(t, start, `url: "/openapi.json"`)
	require.Contains(t, start, "validatorUrl: null")
	require.Contains(t, start, "persistAuthorization: false")
}

func TestAHostileFirstRequestDoesNotBlankTheSwaggerPage(t *testing.T) {
	t.Parallel()
	hostile := []string{
		"/swagger/x/index.html", "/swagger//index.html", "/swagger/?index.html", "/swagger/%69ndex.html",
		"/swagger/index.html?swagger-ui.css", "/swagger/..%2fswagger-ui.css", "/swagger/doc.json", "/swagger/../healthz",
		"/swagger/index.html?url=https://example.com/x.json&configUrl=https://example.com/c.json",
	}
	for _, first := range hostile {
		t.Run(first, func(t *testing.T) {
			t.Parallel()
			h := service(t, &fake{})
			call(t, h, http.MethodGet, first, "")
			for _, name := range api.SwaggerAssets() {
				require.Equal(t, http.StatusOK, call(t, h, http.MethodGet, "/swagger/"+name, "").Code, name)
			}
		})
	}
	t.Logf("scorecard | 30 | each of %d hostile requests (other prefixes, traversal, ?url=) as the very first of a service, then every file of the page; "+
		"no file but these, and no framing, in TestWhatIsNoPartOfTheSwaggerPageIsNotFound and TestTheSwaggerPageIsServedWholeFromTheBinary; not in a browser | "+
		"all files 200, all else 404, CSP with frame-ancestors none and scripts and connections of this service only | %d files 200 after each", len(hostile), len(api.SwaggerAssets()))
}

func TestWhatIsNoPartOfTheSwaggerPageIsNotFound(t *testing.T) {
	t.Parallel()
	h := service(t, &fake{})
	for _, path := range []string{
		"/swagger/x/index.html", "/swagger/doc.json", "/swagger/..%2f..%2fetc/passwd", "/swagger/swagger-ui-bundle.js.map",
		"/swagger/oauth2-redirect.html", "/swagger/index.html/",
	} {
		rec := call(t, h, http.MethodGet, path, "")
		require.Equal(t, http.StatusNotFound, rec.Code, path)
		problemOf(t, rec)
	}
	for path, to := range map[string]string{"/": "/swagger/index.html", "/swagger/": "/swagger/index.html", "/swagger": "/swagger/"} {
		rec := call(t, h, http.MethodGet, path, "")
		require.Contains(t, []int{http.StatusFound, http.StatusMovedPermanently}, rec.Code, path)
		require.Equal(t, to, rec.Header().Get("Location"), path)
	}
}

func TestTheDocumentIsServedAsItIsPublished(t *testing.T) {
	t.Parallel()
	h := service(t, &fake{})
	rec := call(t, h, http.MethodGet, "/openapi.json", "")
	require.Equal(t, http.StatusOK, rec.Code)
	require.Equal(t, "application/json", rec.Header().Get("Content-Type"))
	require.True(t, bytes.Equal(openapi.JSON(), rec.Body.Bytes()))
	rec = call(t, h, http.MethodGet, "/openapi.yaml", "")
	require.Equal(t, http.StatusOK, rec.Code)
	require.Equal(t, "application/yaml", rec.Header().Get("Content-Type"))
	require.True(t, bytes.Equal(openapi.YAML(), rec.Body.Bytes()))
}

func TestEveryRouteToReadAnswersHEADOverARealConnection(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(service(t, &fake{}, func(o *api.Options) { o.Metrics = &recorder{} }))
	defer srv.Close()
	for _, path := range []string{
		"/healthz", "/readyz", "/metrics", "/openapi.json", "/openapi.yaml", "/swagger/index.html",
		"/swagger/swagger-ui-bundle.js", "/v1/models", "/v1/models/kimi-k2.5", "/v1/prices",
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodHead, srv.URL+path, nil)
		require.NoError(t, err)
		res, err := srv.Client().Do(req)
		require.NoError(t, err)
		require.NoError(t, res.Body.Close())
		require.Equal(t, http.StatusOK, res.StatusCode, path)
	}
}
