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
	"tollgate/pricing"
)

// estimateQuery is the query of an estimate.
type estimateQuery struct {
	estimator.Query

	Enforce bool // a denied verdict is a 402
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
	{"enforce", readEnforce},
}

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
	q, p := parseQuery(raw, estimateParameters)
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
	}
}

// maxFields bounds the wrong inputs that are listed, and so the answer.
const maxFields = 16

// tokens reads a number of tokens into the member that at returns.
func tokens(at func(*estimateQuery) **int64) func(*estimateQuery, string) error {
	return func(q *estimateQuery, v string) error {
		if strings.Trim(strings.TrimPrefix(v, "-"), "0123456789") != "" || v == "" || v == "-" {
			return wrongType("want a whole number of tokens, such as 600")
		}
		n, err := strconv.ParseInt(v, 10, 64)
		if err != nil {
			return outOfRange("is too large for a number of tokens")
		}
		if n < 0 {
			return outOfRange("must not be negative")
		}
		*at(q) = &n
		return nil
	}
}

func readCachedShare(q *estimateQuery, v string) error {
	share, err := estimator.ParseShare(v)
	if err == nil {
		q.CachedShare = &share
		return nil
	}
	if isDecimal(v) {
		return outOfRange("want a share between 0 and 1 with at most 9 places, such as 0.8")
	}
	return wrongType("want a decimal between 0 and 1, such as 0.8")
}

// isDecimal reports whether v is digits with at most one point between them
// and perhaps a sign.
func isDecimal(v string) bool {
	whole, frac, dotted := strings.Cut(strings.TrimPrefix(v, "-"), ".")
	if whole == "" || (dotted && frac == "") {
		return false
	}
	return strings.Trim(whole+frac, "0123456789") == ""
}

func readCurrency(q *estimateQuery, v string) error {
	c, err := pricing.ParseCurrency(v)
	if err != nil {
		return outOfRange("want CNY or USD, in capitals")
	}
	q.Currency = c
	return nil
}

func readAt(q *estimateQuery, v string) error {
	for _, layout := range []string{time.RFC3339Nano, time.DateOnly} {
		if at, err := time.Parse(layout, v); err == nil {
			q.At = at
			return nil
		}
	}
	if strings.Contains(v, " ") {
		return wrongType("want an RFC 3339 date or time; write a + in it as %2B")
	}
	return wrongType("want an RFC 3339 date or time, such as 2026-03-01 or 2026-03-01T12:00:00Z")
}

func readMethod(q *estimateQuery, v string) error {
	switch m := estimator.Method(v); m {
	case estimator.MethodAuto, estimator.MethodVendor, estimator.MethodTokenizer, estimator.MethodApproximation:
		q.Method = m
		return nil
	default:
		return outOfRange("want auto, vendor, tokenizer or approximation")
	}
}

func readMaxCost(q *estimateQuery, v string) error {
	amount, err := pricing.ParseAmount(v)
	if err == nil {
		q.MaxCost = &amount
		return nil
	}
	if isDecimal(v) {
		return outOfRange("want an amount of at least 0 and at most 9000000, without leading zeros, " +
			"with at most 12 decimals")
	}
	return wrongType("want a decimal amount in the currency, such as 0.02")
}

func readBasis(q *estimateQuery, v string) error {
	switch b := estimator.Basis(v); b {
	case estimator.BasisHigh, estimator.BasisExpected, estimator.BasisLow:
		q.Basis = b
		return nil
	default:
		return outOfRange("want high, expected or low")
	}
}

func readEnforce(q *estimateQuery, v string) error {
	switch v {
	case "true":
		q.Enforce = true
	case "false":
		q.Enforce = false
	default:
		return wrongType("want true or false")
	}
	return nil
}
