package api_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
	swaggerfiles "github.com/swaggo/files"
)

// packed are the files of the page that gin-swagger does not make.
var packed = []string{
	"swagger-ui.css", "swagger-ui-bundle.js", "swagger-ui-standalone-preset.js", "favicon-16x16.png", "favicon-32x32.png",
}

// asset asks for a file of the Swagger page with a header.
func asset(t *testing.T, h http.Handler, name, header, value string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, "/swagger/"+name, nil)
	r.Header.Set(header, value)
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, r)
	return rec
}

func TestPackedFilesAreThoseOfTheModule(t *testing.T) {
	t.Parallel()
	h := service(t, &fake{})
	for _, name := range packed {
		want, err := swaggerfiles.ReadFile(name)
		require.NoError(t, err)
		plain := asset(t, h, name, "Accept-Encoding", "identity")
		require.Empty(t, plain.Header().Get("Content-Encoding"))
		require.True(t, bytes.Equal(want, plain.Body.Bytes()), "%s: run go generate ./api", name)

		short := asset(t, h, name, "Accept-Encoding", "br, gzip")
		require.Equal(t, "gzip", short.Header().Get("Content-Encoding"))
		require.Contains(t, short.Header().Values("Vary"), "Accept-Encoding")
		r, err := gzip.NewReader(short.Body)
		require.NoError(t, err)
		got, err := io.ReadAll(r)
		require.NoError(t, err)
		require.True(t, bytes.Equal(want, got), name)
	}
}

func TestOnlyWhoTakesGzipGetsIt(t *testing.T) {
	t.Parallel()
	h := service(t, &fake{})
	for accepted, want := range map[string]string{
		"": "", "identity": "", "br": "", "gzip;q=0": "", "gzip; q=0.000": "", "gzipped": "",
		"gzip": "gzip", "GZIP": "gzip", "deflate, gzip;q=0.5": "gzip", "gzip ; q=1.0, *;q=0": "gzip", "x-gzip": "gzip",
	} {
		require.Equal(t, want, asset(t, h, "swagger-ui.css", "Accept-Encoding", accepted).Header().Get("Content-Encoding"), accepted)
	}
}

func TestAFileThatTheCallerHasIsNotSentAgain(t *testing.T) {
	t.Parallel()
	h := service(t, &fake{})
	plain := asset(t, h, "swagger-ui.css", "Accept-Encoding", "identity").Header().Get("ETag")
	short := asset(t, h, "swagger-ui.css", "Accept-Encoding", "gzip").Header().Get("ETag")
	require.NotEqual(t, plain, short, "they are not the same bytes")
	again := asset(t, h, "swagger-ui.css", "If-None-Match", plain)
	require.Equal(t, http.StatusNotModified, again.Code)
	require.Zero(t, again.Body.Len())
}
