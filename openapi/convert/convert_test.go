package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestThePublishedDocumentIsWhatTheAnnotationsSay(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	require.NoError(t, run("../../docs/swagger.json", "../examples", dir))
	for _, name := range []string{"openapi.json", "openapi.yaml"} {
		got, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		want, err := os.ReadFile(filepath.Join("..", name))
		require.NoError(t, err)
		require.Equal(t, string(want), string(got), "run go generate ./openapi")
	}
}

// edited returns the Swagger 2.0 document after an edit.
func edited(t *testing.T, edit func(doc map[string]any)) []byte {
	t.Helper()
	raw, err := os.ReadFile("../../docs/swagger.json")
	require.NoError(t, err)
	var doc map[string]any
	require.NoError(t, json.Unmarshal(raw, &doc))
	edit(doc)
	raw, err = json.Marshal(doc)
	require.NoError(t, err)
	return raw
}

// member walks down a decoded document.
func member(t *testing.T, v any, path ...string) map[string]any {
	t.Helper()
	for _, name := range path {
		m, ok := v.(map[string]any)
		require.True(t, ok, "no %s", name)
		v = m[name]
	}
	m, ok := v.(map[string]any)
	require.True(t, ok)
	return m
}

func TestADocumentThatCannotBeConvertedIsRefused(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		raw  []byte
		want string
	}{
		{"not JSON", []byte("{"), "decode"},
		{"a hint that nothing replaces", edited(t, func(doc map[string]any) {
			member(t, doc, "definitions", "Reason", "properties", "limit")["x-surprise"] = true
		}), "x-surprise"},
		{"a reference to nothing", edited(t, func(doc map[string]any) {
			delete(member(t, doc, "definitions"), "Finding")
		}), "Finding"},
		{"no batch", edited(t, func(doc map[string]any) {
			delete(member(t, doc, "paths"), "/v1/estimate/batch")
		}), "/v1/estimate/batch"},
		{"no names for the lines of a batch", edited(t, func(doc map[string]any) {
			delete(member(t, doc, "definitions"), "BatchAnswer")
		}), "BatchAnswer"},
		{"no comparison", edited(t, func(doc map[string]any) {
			delete(member(t, doc, "paths"), "/v1/estimate/compare")
			delete(member(t, doc, "definitions"), "ChatRequestToCompare")
		}), "ChatRequestToCompare"},
		{"no budget to show", edited(t, func(doc map[string]any) {
			op := member(t, doc, "paths", "/v1/estimate", "post")
			params, ok := op["parameters"].([]any)
			require.True(t, ok)
			kept := params[:0]
			for _, p := range params {
				if member(t, p)["name"] != "max_cost" {
					kept = append(kept, p)
				}
			}
			op["parameters"] = kept
		}), "max_cost"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := convert(tt.raw, os.DirFS("../examples"))
			require.ErrorContains(t, err, tt.want)
		})
	}
}

func TestRunNamesTheFileItCannotRead(t *testing.T) {
	t.Parallel()
	err := run(filepath.Join(t.TempDir(), "missing.json"), "../examples", t.TempDir())
	require.ErrorIs(t, err, os.ErrNotExist)
	require.True(t, strings.Contains(err.Error(), "missing.json"))
}
