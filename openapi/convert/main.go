// Command convert makes the published OpenAPI 3.0.3 document of the Swagger 2.0
// document that swag writes.
//
// It adds what Swagger 2.0 cannot say: media types per answer, values of more
// than one type, a bearer scheme, headers of answers, and request examples that
// can be executed as they are.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/getkin/kin-openapi/openapi2"
	"github.com/getkin/kin-openapi/openapi2conv"
	"github.com/getkin/kin-openapi/openapi3"
	"sigs.k8s.io/yaml"
)

func main() {
	from := flag.String("from", "docs/swagger.json", "Swagger 2.0 document to read")
	examples := flag.String("examples", "openapi/examples", "directory of the examples")
	to := flag.String("to", "openapi", "directory to write openapi.json and openapi.yaml to")
	flag.Parse()
	if err := run(*from, *examples, *to); err != nil {
		fmt.Fprintln(os.Stderr, "convert:", err)
		os.Exit(1)
	}
}

// run reads one document and its examples, and writes two.
func run(from, examples, to string) error {
	raw, err := os.ReadFile(from) //nolint:gosec // the path is the developer's
	if err != nil {
		return err
	}
	doc, err := convert(raw, os.DirFS(examples))
	if err != nil {
		return fmt.Errorf("%s: %w", from, err)
	}
	asJSON, err := json.MarshalIndent(doc, "", "  ")
	if err != nil {
		return fmt.Errorf("encode as JSON: %w", err)
	}
	asYAML, err := yaml.JSONToYAML(asJSON)
	if err != nil {
		return fmt.Errorf("encode as YAML: %w", err)
	}
	for name, data := range map[string][]byte{"openapi.json": append(asJSON, '\n'), "openapi.yaml": asYAML} {
		if err := os.WriteFile(filepath.Join(to, name), data, 0o644); err != nil { //nolint:gosec // public
			return err
		}
	}
	return nil
}

// convert returns the OpenAPI 3 document of a Swagger 2.0 one. It fails if the
// result breaks a rule of OpenAPI.
func convert(raw []byte, examples fs.FS) (*openapi3.T, error) {
	var v2 openapi2.T
	if err := json.Unmarshal(raw, &v2); err != nil {
		return nil, fmt.Errorf("decode: %w", err)
	}
	doc, err := openapi2conv.ToV3(&v2)
	if err != nil {
		return nil, fmt.Errorf("convert: %w", err)
	}
	doc.Servers = openapi3.Servers{{URL: "/", Description: "the service that serves this document"}}
	doc.Components.SecuritySchemes = openapi3.SecuritySchemes{bearerKey: {Value: bearerScheme()}}
	doc.Components.Headers = headers()
	if err := widen(doc.Components.Schemas); err != nil {
		return nil, err
	}
	for _, path := range doc.Paths.InMatchingOrder() {
		for _, op := range doc.Paths.Value(path).Operations() {
			refine(op)
		}
	}
	if err := refineBatch(doc); err != nil {
		return nil, err
	}
	if err := refineComparison(doc); err != nil {
		return nil, err
	}
	if err := addExamples(doc, examples); err != nil {
		return nil, err
	}
	if err := openapi3.NewLoader().ResolveRefsIn(doc, nil); err != nil {
		return nil, fmt.Errorf("resolve: %w", err)
	}
	// Examples are kept as they are written, which the validator can not look
	// into; a test reads the document and holds them against their schemas.
	if err := doc.Validate(context.Background(), openapi3.DisableExamplesValidation()); err != nil {
		return nil, fmt.Errorf("the document is not valid: %w", err)
	}
	return doc, nil
}
