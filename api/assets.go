package api

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"path"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
)

//go:generate go run ./swaggerui

// swaggerFiles are the files of the Swagger UI that are the same for every
// service, compressed: as a module brings them they take up 8 MB, most of it
// maps for debuggers, and are copied to the heap at every start.
//
//go:embed swaggerui/*.gz
var swaggerFiles embed.FS

// packedFile is a file that is held compressed.
type packedFile struct {
	contentType string
	tag         string // of the content, without quotes
	packed      []byte
}

// assetTypes are the media types of packed files, by extension.
var assetTypes = map[string]string{
	".css": "text/css; charset=utf-8",
	".js":  "application/javascript",
	".png": "image/png",
}

// packedFiles returns the files of the Swagger UI by name.
func packedFiles() map[string]packedFile {
	files := map[string]packedFile{}
	for name := range swaggerAssets {
		packed, err := swaggerFiles.ReadFile("swaggerui/" + name + ".gz")
		if err != nil {
			continue // gin-swagger makes it
		}
		sum := sha256.Sum256(packed)
		files[name] = packedFile{assetTypes[path.Ext(name)], hex.EncodeToString(sum[:8]), packed}
	}
	return files
}

// serve answers with the file as it is held, or unpacked for a caller who does
// not take gzip.
func (f packedFile) serve(c *gin.Context) error {
	h := c.Writer.Header()
	h.Set("Content-Type", f.contentType)
	h.Add("Vary", "Accept-Encoding")
	body, tag := f.packed, f.tag+"-gzip"
	if takesGzip(c.Request.Header) {
		h.Set("Content-Encoding", "gzip")
	} else {
		var err error
		if body, err = f.unpack(); err != nil {
			return fmt.Errorf("unpack a file of the page: %w", err)
		}
		tag = f.tag
	}
	h.Set("ETag", `"`+tag+`"`)
	http.ServeContent(c.Writer, c.Request, "", time.Time{}, bytes.NewReader(body))
	return nil
}

func (f packedFile) unpack() ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(f.packed))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

// takesGzip reports whether a caller named gzip, and not by the weight of 0.
func takesGzip(h http.Header) bool {
	for _, line := range h.Values("Accept-Encoding") {
		for offer := range strings.SplitSeq(line, ",") {
			name, weight, weighed := strings.Cut(strings.ToLower(strings.ReplaceAll(offer, " ", "")), ";q=")
			if name == "gzip" || name == "x-gzip" {
				return !weighed || strings.Trim(weight, "0.") != ""
			}
		}
	}
	return false
}
