package main

import (
	"embed"
	"encoding/json"
	"fmt"
	"path"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

//go:embed examples/*.json
var exampleFiles embed.FS

// bodyExamples returns the named request examples. Each file has a summary and
// the request as the value.
func bodyExamples() (openapi3.Examples, error) {
	files, err := exampleFiles.ReadDir("examples")
	if err != nil {
		return nil, err
	}
	out := openapi3.Examples{}
	for _, f := range files {
		raw, err := exampleFiles.ReadFile(path.Join("examples", f.Name()))
		if err != nil {
			return nil, err
		}
		var e openapi3.Example
		if err := json.Unmarshal(raw, &e); err != nil {
			return nil, fmt.Errorf("%s: %w", f.Name(), err)
		}
		out[strings.TrimSuffix(f.Name(), ".json")] = &openapi3.ExampleRef{Value: &e}
	}
	return out, nil
}
