package lint_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/estimator/lint"
)

func TestContextWindowHoldsBothBounds(t *testing.T) {
	t.Parallel()
	const window = 262_144
	for _, tt := range []struct {
		name                  string
		low, high, completion int64
		severity              lint.Severity // empty: nothing is found
		pointer, says, fix    string
	}{
		{name: "fits", low: 9, high: 9, completion: 32_768},
		{name: "fits to the last token", low: 9, high: 9, completion: window - 9},
		{name: "one output token too many", low: 9, high: 9, completion: window - 8, severity: lint.Warning, says: "output of 262136", fix: "max_completion_tokens to 262135"},
		{name: "the upper bound decides", low: 9, high: 1000, completion: window - 9, severity: lint.Warning, fix: "max_completion_tokens to 261144"},
		{name: "an output beyond all bounds", low: 9, high: 9, completion: math.MaxInt64, severity: lint.Warning, fix: "262135"},
		{name: "the prompt fills it", low: window, high: window, completion: 1, severity: lint.Warning, pointer: "/messages", says: "no room", fix: "shorten the prompt"},
		{name: "the prompt fills it and no output is asked", low: window, high: window},
		{name: "the prompt may be over", low: window, high: window + 7, completion: 1, severity: lint.Warning, pointer: "/messages", says: "262144 to 262151", fix: "by 7 tokens"},
		{name: "the prompt is over", low: 269_030, high: 269_030, completion: 1, severity: lint.Error, pointer: "/messages", says: "269030 tokens", fix: "by 6886 tokens"},
		{name: "the prompt is over at its least", low: window + 1, high: window + 9, severity: lint.Error, pointer: "/messages", says: "at least 262145", fix: "by 9 tokens"},
		{name: "no upper bound, and fits so far", low: 9, high: -1, completion: 9},
		{name: "no upper bound, and is over already", low: window + 1, high: -1, severity: lint.Error, pointer: "/messages", says: "262145", fix: "by 1 tokens"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f, found := lint.ContextWindow(tt.low, tt.high, tt.completion, window)
			require.Equal(t, tt.severity != "", found)
			if !found {
				require.Empty(t, f)
				return
			}
			require.Equal(t, lint.ContextWindowExceeded, f.Code)
			require.Equal(t, tt.severity, f.Severity)
			require.Equal(t, tt.pointer, f.Pointer)
			require.Contains(t, f.Message, tt.says)
			require.Contains(t, f.Fix, tt.fix)
		})
	}
}

func TestFindingsAboutCountsSayWhatToDo(t *testing.T) {
	t.Parallel()
	f := lint.Incomplete("/messages/0/content/1", "an uploaded file can only be counted by the vendor")
	require.Equal(t, lint.CountIncomplete, f.Code)
	require.Equal(t, lint.Warning, f.Severity)
	require.Equal(t, "/messages/0/content/1", f.Pointer)
	require.Contains(t, f.Message, "an uploaded file")
	require.NotEmpty(t, f.Fix)
	f = lint.Unavailable("it is overloaded")
	require.Equal(t, lint.VendorUnavailable, f.Code)
	require.Equal(t, lint.Warning, f.Severity)
	require.Empty(t, f.Pointer)
	require.Contains(t, f.Message, "it is overloaded")
	require.NotEmpty(t, f.Fix)
}
