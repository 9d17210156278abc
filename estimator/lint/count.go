package lint

// ContextWindow holds a prompt of low to high tokens and a completion of up to
// completion tokens against a context window of length tokens, and reports
// whether there is something to find. A negative high means that no upper
// bound is known; then only low is held against the window.
//
// The vendor refuses a prompt that is too long alone, and a sum of prompt and
// requested output over the window. The sum is a warning: whether an output
// limit that the request leaves to the vendor is refused or cut is not
// documented.
func ContextWindow(low, high, completion, length int64) (Finding, bool) {
	if high < 0 {
		high = low
	}
	if max(low, high) <= length && completion <= length-high {
		return Finding{}, false
	}
	f := Finding{Code: ContextWindowExceeded, Severity: Warning, Pointer: "/messages"}
	window := "the context window of " + decimal(length) + " tokens"
	switch {
	case low > length:
		f.Severity = Error
		f.Message = "the prompt alone, " + atLeast(low, high) + " tokens, is over " + window
		f.Fix = "shorten the prompt by " + decimal(high-length) + " tokens or more, or choose a model with a longer window"
	case high > length:
		f.Message = "the prompt alone may be over " + window + ": it has " + decimal(low) + " to " + decimal(high) + " tokens"
		f.Fix = "shorten the prompt by " + decimal(high-length) + " tokens to be sure, or have it counted exactly"
	case high == length:
		f.Message = "the prompt fills " + window + " and leaves no room for an answer"
		f.Fix = "shorten the prompt"
	default:
		f.Pointer = ""
		f.Message = "a prompt of " + decimal(high) + " tokens and an output of " + decimal(completion) + " are over " + window
		f.Fix = "set max_completion_tokens to " + decimal(length-high) + " or less"
	}
	return f, true
}

// atLeast prints a size that is known by its bounds.
func atLeast(low, high int64) string {
	if low == high {
		return decimal(low)
	}
	return "at least " + decimal(low)
}

// Incomplete is the finding for a part of a request, at a pointer, that nobody
// could count exactly. The reason is a sentence fragment without any of the
// prompt's text.
func Incomplete(pointer, reason string) Finding {
	return Finding{
		Code: CountIncomplete, Severity: Warning, Pointer: pointer,
		Message: "this part is bounded, not counted: " + reason,
		Fix:     "configure a key of the vendor so that its counting endpoint is asked, or replace the part",
	}
}

// Unavailable is the finding for a count that was made locally because
// the vendor's counting endpoint did not answer. The reason is a sentence
// fragment without keys, hosts or account ids.
func Unavailable(reason string) Finding {
	return Finding{
		Code: VendorUnavailable, Severity: Warning,
		Message: "the vendor's counting endpoint gave no number, so this one was counted locally: " + reason,
		Fix:     "ask again later, or ask for method=vendor to fail instead",
	}
}
