package api_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/api"
)

// unseen is the exported errors of the domain that no handler can meet, or
// that another row answers, each with the reason.
var unseen = map[string]string{
	"pricing.UnknownModelError":  "is a pricing.ErrUnknownModel",
	"pricing.NoPriceError":       "is a pricing.ErrNoPrice",
	"pricing.RecordError":        "a price table is read at start, not during a request",
	"pricing.ErrDecimal":         "query parameters are decimals or refused before the domain sees them",
	"pricing.ErrUnknownCurrency": "query parameters name a known currency or are refused before",
	"pricing.ErrNegative":        "token numbers are checked to be at least 0; meeting it is a bug, so a 500",
	"countcache.ErrPanicked":     "a counter that panics is a bug, so a 500 that says nothing",
	"local.ErrNoTemplate":        "every model has one, see TestEveryModelIsEstimated; meeting it is a bug, so a 500",
	"pricing.ErrInexact":         "of Rate.Scale, which no estimate uses",
	"chat.NoRoomError":           "wraps the answer that the admission makes",
}

func TestEveryErrorOfTheDomainHasARowOrAReason(t *testing.T) {
	t.Parallel()
	have := api.KnownErrors()
	found := map[string]bool{}
	for _, dir := range []string{"../pricing", "../estimator", "../estimator/chat", "../estimator/lint", "../estimator/countcache", "../estimator/local", "../estimator/prompt"} {
		for name := range exportedErrors(t, dir) {
			name = filepath.Base(dir) + "." + name
			found[name] = true
			_, exempt := unseen[name]
			require.True(t, exempt || slices.Contains(have, name), "%s has neither a row in known nor a reason", name)
			require.False(t, exempt && slices.Contains(have, name), "%s has a row and a reason", name)
		}
	}
	for name := range unseen {
		require.True(t, found[name], "%s is gone", name)
	}
	require.Subset(t, slices.Collect(maps.Keys(found)), []string{"pricing.ErrUnknownModel", "chat.Error", "estimator.VendorError"})
}

// exportedErrors returns the exported error values and error types of a
// directory's package.
func exportedErrors(t *testing.T, dir string) map[string]bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	require.NoError(t, err)
	require.NotEmpty(t, files, dir)
	names := map[string]bool{}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			require.ErrorIs(t, err, fs.ErrNotExist)
			continue
		}
		for _, decl := range parsed.Decls {
			collectErrors(decl, names)
		}
	}
	return names
}

func collectErrors(decl ast.Decl, names map[string]bool) {
	switch d := decl.(type) {
	case *ast.FuncDecl:
		if d.Recv == nil || d.Name.Name != "Error" || len(d.Type.Params.List) != 0 {
			return
		}
		recv := d.Recv.List[0].Type
		if star, ok := recv.(*ast.StarExpr); ok {
			recv = star.X
		}
		if id, ok := recv.(*ast.Ident); ok && id.IsExported() {
			names[id.Name] = true
		}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			if v, ok := spec.(*ast.ValueSpec); ok && d.Tok == token.VAR {
				for _, id := range v.Names {
					if strings.HasPrefix(id.Name, "Err") {
						names[id.Name] = true
					}
				}
			}
		}
	}
}
