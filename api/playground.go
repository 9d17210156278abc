package api

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"net/http"
	"path"
	"time"

	"github.com/gin-gonic/gin"
)

const (
	playgroundRoot = "/playground"
	playgroundPage = "index.html"

	// playgroundPolicy lets the page use its own files, talk to this service and
	// show the images that were dropped on it. Nothing inline, nothing evaluated.
	playgroundPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; " +
		"media-src blob:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; " +
		"require-trusted-types-for 'script'"
)

// playgroundFiles is the page as it is: no build makes it.
//
//go:embed playground/*.html playground/*.css playground/*.js playground/*.svg
var playgroundFiles embed.FS

// playgroundTypes is the media type of every kind of file there is.
var playgroundTypes = map[string]string{
	".html": "text/html; charset=utf-8",
	".css":  "text/css; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".svg":  "image/svg+xml",
}

// asset is a file of the page.
type asset struct {
	content []byte
	kind    string // media type
	tag     string // ETag
}

// mountPlayground mounts the page where requests are tried out. The page is
// open to everybody, as the Swagger UI is; what it asks for is not.
func (s *server) mountPlayground(r *gin.Engine) {
	files := playgroundAssets()
	page := func(name func(*gin.Context) string) gin.HandlerFunc {
		return s.handle(func(c *gin.Context) error {
			file, ok := files[name(c)]
			if !ok {
				return s.noRoute(c)
			}
			file.serve(c)
			return nil
		})
	}
	getAndHead(r, playgroundRoot, page(func(*gin.Context) string { return playgroundPage }))
	getAndHead(r, playgroundRoot+"/:file", page(func(c *gin.Context) string { return c.Param("file") }))
	r.POST(playgroundRoot+"/tokens", s.handle(s.admit), s.handle(s.cutTokens))
}

// playgroundAssets reads the files of the page. All of them are in the binary,
// so that one can not be read is a bug.
func playgroundAssets() map[string]asset {
	const dir = "playground"
	entries, err := playgroundFiles.ReadDir(dir)
	if err != nil {
		panic(fmt.Errorf("read the playground: %w", err))
	}
	files := make(map[string]asset, len(entries))
	for _, e := range entries {
		content, err := playgroundFiles.ReadFile(path.Join(dir, e.Name()))
		if err != nil {
			panic(fmt.Errorf("read the playground: %w", err))
		}
		sum := sha256.Sum256(content)
		files[e.Name()] = asset{
			content: content,
			kind:    playgroundTypes[path.Ext(e.Name())],
			tag:     `"` + hex.EncodeToString(sum[:12]) + `"`,
		}
	}
	return files
}

// serve answers with the file. It is asked for each time and mostly not sent:
// after an update no page is put together of old and new files.
func (a asset) serve(c *gin.Context) {
	h := c.Writer.Header()
	h.Set("Content-Type", a.kind)
	h.Set("Content-Security-Policy", playgroundPolicy)
	h.Set("Cache-Control", "no-cache")
	h.Set("ETag", a.tag)
	http.ServeContent(c.Writer, c.Request, "", time.Time{}, bytes.NewReader(a.content))
}
