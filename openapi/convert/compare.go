package main

import (
	"fmt"
	"slices"

	"github.com/getkin/kin-openapi/openapi3"
)

// toCompare is the schema of a comparison's body.
const toCompare = "ChatRequestToCompare"

// refineComparison lets the body of a comparison name no model. In Go it embeds
// a chat request, of which swag requires the model.
func refineComparison(doc *openapi3.T) error {
	s := doc.Components.Schemas[toCompare]
	if s == nil {
		return fmt.Errorf("no schema %s", toCompare)
	}
	s.Value.Required = slices.DeleteFunc(s.Value.Required, func(name string) bool { return name == "model" })
	return nil
}
