package lint

import (
	"time"

	"tollgate/estimator/chat"
	"tollgate/pricing"
)

// maxAlike bounds the findings of one code and severity, so that a request
// with a million empty messages is not answered with a million findings. No
// code or severity is ever left out for another's number.
const maxAlike = 32

// Check holds a request against the rules of a model as they are at a moment.
//
// Findings stand in the order in which the parts of a request are usually
// written: model, messages, tools, tool choice, thinking, sampling, stop,
// output limits, and last what is true of the whole body. It returns nil, and
// allocates nothing, when there is nothing to say. It is a pure function and
// safe for concurrent use.
func Check(req *chat.Request, model *pricing.Model, at time.Time) []Finding {
	l := linter{req: req, model: model, thinks: Thinks(req, model)}
	l.life(at)
	l.messages()
	l.tools(req.Tools, "/tools")
	l.toolChoice()
	l.thinking()
	l.effort()
	l.sampling()
	l.stop()
	l.limits()
	l.body()
	return l.found
}

// Thinks reports whether the model will think before it answers the request.
func Thinks(req *chat.Request, model *pricing.Model) bool {
	switch model.Params.Thinking {
	case pricing.ThinkingAlways, pricing.ThinkingNever:
		return true
	case pricing.ThinkingOptional:
		return !req.Thinking.Disabled()
	case pricing.ThinkingNone:
		return false
	default:
		return false
	}
}

// linter gathers the findings of one request.
type linter struct {
	req    *chat.Request
	model  *pricing.Model
	thinks bool
	found  []Finding
	alike  []alike // how many of a kind were found, kept or not
}

// alike is how many findings of a kind there are. There are few kinds, so that
// they are looked for one by one.
type alike struct {
	code     Code
	severity Severity
	found    int
}

// another counts one more of a kind, and returns how many there are now.
func (l *linter) another(code Code, severity Severity) int {
	for i := range l.alike {
		if a := &l.alike[i]; a.code == code && a.severity == severity {
			a.found++
			return a.found
		}
	}
	l.alike = append(l.alike, alike{code, severity, 1})
	return 1
}

// add keeps a finding, up to maxAlike of its kind. The last one kept says that
// there are more once there are.
func (l *linter) add(f Finding) {
	switch n := l.another(f.Code, f.Severity); {
	case n <= maxAlike:
		l.found = append(l.found, f)
	case n == maxAlike+1:
		for i := len(l.found) - 1; i >= 0; i-- {
			if last := &l.found[i]; last.Code == f.Code && last.Severity == f.Severity {
				last.Message += " (more of the kind follow and are not listed)"
				return
			}
		}
	}
}

// life finds a model that the vendor no longer serves.
func (l *linter) life(at time.Time) {
	if !l.model.RetiredAt(at) {
		return
	}
	fix := "choose a model that is still served: the catalogue lists them"
	if l.model.Successor != "" {
		fix = "set model to " + l.model.Successor + ", its successor"
	}
	l.add(Finding{
		Code: ModelRetired, Severity: Warning, Pointer: "/model",
		Message: "the vendor refuses " + l.model.ID + " since " + l.model.Retired.Format(time.DateOnly),
		Fix:     fix,
	})
}

// body finds a request that is too large to be sent.
func (l *linter) body() {
	limit := l.model.Params.MaxBodyBytes
	if limit == 0 || l.req.Size <= limit {
		return
	}
	l.add(Finding{
		Code: BodyTooLarge, Severity: Error, Pointer: "",
		Message: "the body has " + decimal(l.req.Size) + " bytes; the vendor takes " + decimal(limit),
		Fix:     "upload images and videos as files and refer to them as ms://<file-id>",
	})
}
