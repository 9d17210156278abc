// Command kubeschemas writes the JSON schemas kubeconform needs, from the
// OpenAPI document inside the module k8s.io/kubernetes, so that manifests are
// checked without asking anybody for schemas.
//
//	go run ./.ci/kubeschemas swagger.json DIR
//
// A file is named KIND-GROUP-VERSION.json, the group up to its first dot and
// left out for the core group.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// schema is a JSON schema as it stands in the document.
type schema = map[string]any

const refPrefix = "#/definitions/"

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: kubeschemas SWAGGER DIR")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "kubeschemas:", err)
		os.Exit(1)
	}
}

func run(swagger, dir string) error {
	data, err := os.ReadFile(swagger)
	if err != nil {
		return err
	}
	var doc struct {
		Definitions map[string]struct {
			Kinds []struct{ Group, Version, Kind string } `json:"x-kubernetes-group-version-kind"`
		}
	}
	var raw struct{ Definitions schema }
	if err := json.Unmarshal(data, &doc); err != nil {
		return err
	}
	if err := json.Unmarshal(data, &raw); err != nil {
		return err
	}
	for name, definition := range raw.Definitions {
		raw.Definitions[name] = closed(definition)
	}
	either := []string{"string", "number"} // a number is as good as its text
	raw.Definitions["io.k8s.apimachinery.pkg.util.intstr.IntOrString"] = schema{"type": either}
	raw.Definitions["io.k8s.apimachinery.pkg.api.resource.Quantity"] = schema{"type": either}

	for name, definition := range doc.Definitions {
		if len(definition.Kinds) != 1 {
			continue // not an object one applies: DeleteOptions and the like
		}
		k := definition.Kinds[0]
		parts := []string{k.Kind, k.Version}
		if group, _, _ := strings.Cut(k.Group, "."); group != "" {
			parts = []string{k.Kind, group, k.Version}
		}
		needed := schema{}
		gather(schema{"$ref": refPrefix + name}, raw.Definitions, needed)
		out, err := json.Marshal(schema{"allOf": []schema{{"$ref": refPrefix + name}}, "definitions": needed})
		if err != nil {
			return err
		}
		file := strings.ToLower(strings.Join(parts, "-")) + ".json"
		if err := os.WriteFile(filepath.Join(dir, file), out, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// closed lets objects that name their members have no others.
func closed(v any) any {
	switch v := v.(type) {
	case schema:
		for name, member := range v {
			v[name] = closed(member)
		}
		if _, named := v["properties"].(schema); named && v["additionalProperties"] == nil {
			v["additionalProperties"] = false
		}
	case []any:
		for i := range v {
			v[i] = closed(v[i])
		}
	}
	return v
}

// gather copies to needed every definition that v refers to.
func gather(v any, all, needed schema) {
	switch v := v.(type) {
	case schema:
		if ref, ok := v["$ref"].(string); ok {
			name := strings.TrimPrefix(ref, refPrefix)
			if _, known := needed[name]; !known {
				needed[name] = all[name]
				gather(all[name], all, needed)
			}
		}
		for _, member := range v {
			gather(member, all, needed)
		}
	case []any:
		for _, member := range v {
			gather(member, all, needed)
		}
	}
}
