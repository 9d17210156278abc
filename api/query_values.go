package api

import (
	"strconv"
	"strings"
	"time"

	"tollgate/estimator"
	"tollgate/pricing"
)

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

func readBreakdown(q *estimateQuery, v string) error {
	if v != "messages" {
		return outOfRange("want messages, or leave it out")
	}
	q.Breakdown = true
	return nil
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

// maxCompared is how many models one request may be compared on: more than the
// catalogue has, so that all of it can be named.
const maxCompared = 32

// readModels reads the models of a comparison. A name that is known to nobody
// passes, for it has an answer of its own; one that is none does not.
func readModels(q *estimateQuery, v string) error {
	names := strings.Split(v, ",")
	if len(names) > maxCompared {
		return outOfRange("names more than " + strconv.Itoa(maxCompared) + " models; ask for the rest in another request")
	}
	for i, name := range names {
		if !nameable(name) {
			return outOfRange("entry " + strconv.Itoa(i+1) + " is no model id: want ids separated by commas, " +
				"such as kimi-k2.6,kimi-k3")
		}
	}
	q.Models = names
	return nil
}

// nameable reports whether a name may be the id or an alias of a model, and so
// may stand in an answer.
func nameable(name string) bool {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/:"
	return name != "" && len(name) <= 64 && strings.Trim(name, letters) == ""
}
