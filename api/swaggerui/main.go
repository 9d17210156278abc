// Command swaggerui packs those files of the Swagger UI that the service serves,
// each compressed by itself, so that the binary holds a tenth of what the
// module of the UI would put into it, and callers get them as they are held.
//
//	go run ./swaggerui   # in package api; go generate does it
//
// A packed file that already stands for the same content is left alone: how a
// compressor spells it differs between releases of Go.
package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"path/filepath"

	swaggerfiles "github.com/swaggo/files"
)

// names are the files that the page loads and gin-swagger does not make.
var names = []string{
	"favicon-16x16.png",
	"favicon-32x32.png",
	"swagger-ui-bundle.js",
	"swagger-ui-standalone-preset.js",
	"swagger-ui.css",
}

func main() {
	for _, name := range names {
		if err := pack(name, filepath.Join("swaggerui", name+".gz")); err != nil {
			fmt.Fprintln(os.Stderr, "swaggerui:", err)
			os.Exit(1)
		}
	}
}

// pack writes a file of the module to path, compressed.
func pack(name, path string) error {
	content, err := swaggerfiles.ReadFile(name)
	if err != nil {
		return fmt.Errorf("read %s of the module: %w", name, err)
	}
	if old, err := unpack(path); err == nil && bytes.Equal(old, content) {
		return nil
	}
	var packed bytes.Buffer
	w, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		return fmt.Errorf("compress %s: %w", name, err)
	}
	_, err = w.Write(content)
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		return fmt.Errorf("compress %s: %w", name, err)
	}
	return os.WriteFile(path, packed.Bytes(), 0o644) //nolint:gosec // a source file like any other
}

// unpack returns what a packed file stands for.
func unpack(path string) ([]byte, error) {
	f, err := os.Open(path) //nolint:gosec // beside this program
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // it was only read
	r, err := gzip.NewReader(f)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}
