package api

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"tollgate/estimator"
)

// estimateQuery is the query of an estimate.
type estimateQuery struct {
	estimator.Query

	Enforce bool     // a denied verdict is a 402
	Models  []string // to compare, as they were named; nil: not said
}

// parameter reads one value into q. Its error is a *valueError.
type parameter struct {
	name string
	read func(q *estimateQuery, value string) error
}

// estimateParameters is every query parameter of an estimate.
var estimateParameters = []parameter{
	{"completion_tokens", tokens(func(q *estimateQuery) **int64 { return &q.CompletionTokens })},
	{"cached_tokens", tokens(func(q *estimateQuery) **int64 { return &q.CachedTokens })},
	{"cached_share", readCachedShare},
	{"currency", readCurrency},
	{"at", readAt},
	{"method", readMethod},
	{"max_cost", readMaxCost},
	{"max_prompt_tokens", tokens(func(q *estimateQuery) **int64 { return &q.MaxPromptTokens })},
	{"min_headroom", tokens(func(q *estimateQuery) **int64 { return &q.MinHeadroom })},
	{"basis", readBasis},
	{"breakdown", readBreakdown},
	{"enforce", readEnforce},
}

// comparisonParameters is every query parameter of a comparison.
var comparisonParameters = append(slices.Clone(estimateParameters), parameter{"models", readModels})

// lintParameters is every query parameter of a lint.
var lintParameters = []parameter{{"at", readAt}}

// valueError says why a value of a query parameter is refused.
type valueError struct {
	status int // 400 for a wrong type, 422 for a value out of range
	detail string
}

func (e *valueError) Error() string { return e.detail }

func wrongType(detail string) error { return &valueError{http.StatusBadRequest, detail} }

func outOfRange(detail string) error { return &valueError{http.StatusUnprocessableEntity, detail} }

// parseEstimateQuery reads the query of an estimate. A misspelt budget must
// never pass silently, so whatever it does not know is an error.
func parseEstimateQuery(raw string) (estimateQuery, error) {
	return parseQueryOf(raw, estimateParameters)
}

// parseComparisonQuery reads the query of a comparison in the same way.
func parseComparisonQuery(raw string) (estimateQuery, error) {
	return parseQueryOf(raw, comparisonParameters)
}

func parseQueryOf(raw string, params []parameter) (estimateQuery, error) {
	if raw == "" {
		return estimateQuery{}, nil
	}
	q, p := parseQuery(raw, params)
	if q.CachedTokens != nil && q.CachedShare != nil {
		const detail = "give cached_tokens or cached_share, not both"
		p.refuse("cached_tokens", outOfRange(detail))
		p.refuse("cached_share", outOfRange(detail))
	}
	return q, p.err()
}

// parseLintQuery reads the query of a lint: the moment whose catalogue counts,
// zero for now.
func parseLintQuery(raw string) (time.Time, error) {
	q, p := parseQuery(raw, lintParameters)
	return q.At, p.err()
}

// parseNoQuery refuses every parameter.
func parseNoQuery(raw string) error {
	_, p := parseQuery(raw, nil)
	return p.err()
}

// parseQuery reads raw as the known parameters, and collects everything that
// is wrong with it.
func parseQuery(raw string, params []parameter) (estimateQuery, *refusals) {
	var q estimateQuery
	p := &refusals{known: params}
	if raw == "" {
		return q, p
	}
	values, err := url.ParseQuery(raw)
	if err != nil {
		p.refuse("", wrongType("the query is not name=value pairs joined by &, with %XX for special characters"))
		return q, p
	}
	for name := range values {
		if !slices.ContainsFunc(params, func(known parameter) bool { return known.name == name }) {
			p.refuseUnknown(name)
		}
	}
	for _, known := range params {
		switch given := values[known.name]; len(given) {
		case 0:
		case 1:
			p.refuse(known.name, known.read(&q, given[0]))
		default:
			p.refuse(known.name, wrongType("is given more than once; give it once"))
		}
	}
	return q, p
}

// refusals collects what is wrong with a query.
type refusals struct {
	known  []parameter
	fields []Field
	status int
	echoes bool // a name that a caller made up is among the fields
}

// refuse notes that a parameter was refused, if err says so. A wrong type
// outweighs a wrong value.
func (r *refusals) refuse(name string, err error) {
	e, ok := errors.AsType[*valueError](err)
	if !ok {
		return
	}
	r.fields = append(r.fields, Field{Parameter: name, Detail: e.detail})
	if r.status != http.StatusBadRequest {
		r.status = e.status
	}
}

func (r *refusals) refuseUnknown(name string) {
	detail := "is not a parameter of this route"
	if near := r.nearest(name); near != "" {
		detail += "; did you mean " + near + "?"
	} else if len(r.known) > 0 {
		detail += "; it has " + strings.Join(r.list(), ", ")
	}
	if !showable(name) {
		name = ""
	}
	r.echoes = r.echoes || name != ""
	r.refuse(name, wrongType(detail))
}

// showable reports whether a name that a caller made up may be repeated to
// him: a secret pasted into a query is neither short nor of letters only.
func showable(name string) bool {
	return len(name) <= 32 && strings.Trim(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-") == ""
}

// nearest returns the known parameter that differs from name in case and
// separators only, or of which one is the beginning of the other.
func (r *refusals) nearest(name string) string {
	bare := func(s string) string {
		return strings.NewReplacer("_", "", "-", "", ".", "").Replace(strings.ToLower(s))
	}
	want := bare(name)
	if len(want) < 3 {
		return ""
	}
	for _, k := range r.known {
		have := bare(k.name)
		if strings.HasPrefix(have, want) || strings.HasPrefix(want, have) {
			return k.name
		}
	}
	return ""
}

// list is the names of the known parameters.
func (r *refusals) list() []string {
	names := make([]string, 0, len(r.known))
	for _, k := range r.known {
		names = append(names, k.name)
	}
	return names
}

// err returns all refusals as one error, in the order of their names.
func (r *refusals) err() error {
	if len(r.fields) == 0 {
		return nil
	}
	slices.SortStableFunc(r.fields, func(a, b Field) int { return strings.Compare(a.Parameter, b.Parameter) })
	first := r.fields[0]
	detail := strings.TrimPrefix(first.Parameter+": "+first.Detail, ": ")
	if more := len(r.fields) - 1; more > 0 {
		detail += " (and " + strconv.Itoa(more) + " more, see errors)"
	}
	return &Error{
		Status: r.status,
		Code:   "parameter_invalid",
		Detail: detail,
		Fields: r.fields[:min(len(r.fields), maxFields)],
		echoes: r.echoes,
	}
}

// maxFields bounds the wrong inputs that are listed, and so the answer.
const maxFields = 16
