package report

import (
	"cmp"
	"strconv"
	"strings"

	"tollgate/estimator"
	"tollgate/gate"
	"tollgate/gate/term"
	"tollgate/pricing"
)

// unknown is what stands where a number is not known. It is never 0.
const unknown = "unknown"

// outcomes are all outcomes, worst first.
var outcomes = []gate.Outcome{gate.Fail, gate.Unmeasured, gate.Warn, gate.Pass}

// word is an outcome as every text has it.
func word(o gate.Outcome) string { return strings.ToUpper(string(o)) }

// words turns a code into words.
func words(code string) string { return strings.ReplaceAll(code, "_", " ") }

// count writes a number with the noun it counts, in the plural where it must
// be.
func count(n int64, noun string) string {
	if n != 1 && n != -1 {
		noun += "s"
	}
	return term.Number(n) + " " + noun
}

// signed puts a plus before a number that is above zero.
func signed(text string) string {
	if strings.Trim(text, "0.%") == "" || strings.HasPrefix(text, "-") {
		return text
	}
	return "+" + text
}

// percent writes a growth with its sign; it is empty when there is none to
// tell.
func percent(p *gate.Percent) string {
	if p == nil {
		return ""
	}
	return signed(p.String())
}

// inBrackets puts text that is not empty in brackets, behind a space.
func inBrackets(text string) string {
	if text == "" {
		return ""
	}
	return " (" + text + ")"
}

// bare writes an amount without its currency.
func bare(a *pricing.Amount) string {
	if a == nil {
		return unknown
	}
	return term.Decimal(a.String())
}

// money writes an amount with its currency.
func money(c pricing.Currency, a *pricing.Amount) string {
	if a == nil {
		return unknown
	}
	return string(c) + " " + bare(a)
}

// change writes a change of an amount with its sign and its currency.
func change(c pricing.Currency, a *pricing.Amount) string {
	if a == nil {
		return unknown
	}
	text, negative := strings.CutPrefix(bare(a), "-")
	switch {
	case negative:
		return "-" + string(c) + " " + text
	case *a > 0:
		return "+" + string(c) + " " + text
	}
	return string(c) + " " + text
}

// basis is the cost that a report compares.
func basis(r *gate.Report) estimator.Basis { return cmp.Or(r.Basis, estimator.BasisHigh) }

// basisOf is the cost of a case that is compared: its own basis, else that of
// the report.
func basisOf(r *gate.Report, c *gate.Case) estimator.Basis { return cmp.Or(c.Basis, basis(r)) }

// basisWords says what a basis assumes.
func basisWords(b estimator.Basis) string {
	switch b {
	case estimator.BasisLow:
		return "low basis: all input cached, no output"
	case estimator.BasisExpected:
		return "expected basis: the assumed share cached, the assumed output"
	case estimator.BasisHigh:
	}
	return "high basis: nothing cached, all of the assumed output"
}

// shortHash is as much of a hash as a person compares.
func shortHash(hash string) string {
	const digits = 12
	name, hex, found := strings.Cut(hash, ":")
	if !found || len(hex) <= digits {
		return hash
	}
	return name + ":" + hex[:digits]
}

// place is a file with its line, where that is known.
func place(file string, line int) string {
	if line > 0 {
		return file + ":" + strconv.Itoa(line)
	}
	return file
}

// clip cuts text that is longer than anybody reads.
func clip(text string, most int) string {
	runes := []rune(text)
	if len(runes) <= most {
		return text
	}
	return string(runes[:most]) + "..."
}
