// Package openapi holds the document that describes tollgate's HTTP surface, as
// OpenAPI 3.0.3 in JSON and in YAML.
//
// The document is generated: annotations in package api become Swagger 2.0 in
// docs, which becomes openapi.json and openapi.yaml here. Run go generate in
// this directory after changing an annotation. The package knows nothing of
// how requests are answered.
package openapi

import _ "embed"

//go:generate go tool swag init --requiredByDefault -g swag.go -d ../api -o ../docs --outputTypes go,json,yaml
//go:generate go run ./convert -from ../docs/swagger.json -examples examples -to .

//go:embed openapi.json
var documentJSON string

//go:embed openapi.yaml
var documentYAML string

// JSON returns the document as JSON. The bytes are the caller's own.
func JSON() []byte { return []byte(documentJSON) }

// YAML returns the document as YAML. The bytes are the caller's own.
func YAML() []byte { return []byte(documentYAML) }
