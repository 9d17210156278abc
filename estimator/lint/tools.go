package lint

import (
	"fmt"

	"tollgate/estimator/chat"
)

// Bounds of a function's name: ^[a-zA-Z_][a-zA-Z0-9-_]{2,63}$ in the vendor's
// OpenAPI document of 2026.
const (
	minToolName = 3
	maxToolName = 64
)

// builtin is the type of the vendor's own tools, such as $web_search, whose
// names keep other rules.
const builtin = "builtin_function"

// tools finds too many tools, and functions whose names the vendor refuses.
// at is the pointer of the array.
func (l *linter) tools(tools []chat.Tool, at string) {
	if limit := l.model.Params.MaxTools; limit > 0 && len(tools) > limit {
		l.add(Finding{
			Code: ToolsTooMany, Severity: Error, Pointer: at,
			Message: fmt.Sprintf("%d tools; the vendor takes %d", len(tools), limit),
			Fix:     fmt.Sprintf("keep the %d that this conversation needs", limit),
		})
	}
	for i := range tools {
		t := &tools[i]
		if t.Type == builtin {
			continue
		}
		if t.Function == nil {
			l.add(Finding{
				Code: ToolNameInvalid, Severity: Error, Pointer: fmt.Sprintf("%s/%d", at, i),
				Message: "the tool has no function",
				Fix:     "give it a function with a name",
			})
			continue
		}
		if !validToolName(t.Function.Name) {
			l.toolName(fmt.Sprintf("%s/%d/function", at, i), t.Function.Name)
		}
	}
}

func (l *linter) toolName(function, name string) {
	f := Finding{
		Code: ToolNameInvalid, Severity: Error, Pointer: function + "/name",
		Message: "the vendor refuses the name of the function",
		Fix:     "use 3 to 64 of the letters a-z and A-Z, digits, - and _, the first of them a letter or _",
	}
	if name == "" {
		f.Pointer, f.Message = function, "the function has no name"
	}
	l.add(f)
}

func validToolName(name string) bool {
	if len(name) < minToolName || len(name) > maxToolName {
		return false
	}
	for i := range len(name) {
		if c := name[i]; !isLetter(c) && (i == 0 || !isInner(c)) {
			return false
		}
	}
	return true
}

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' }

func isInner(c byte) bool { return c == '-' || c >= '0' && c <= '9' }
