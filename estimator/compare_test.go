package estimator_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/estimator"
	"tollgate/estimator/lint"
	"tollgate/pricing"
)

func TestTheCheapestIsTheFirstThatCanBeCalledAsItIs(t *testing.T) {
	t.Parallel()
	costs := func(low, expected, high pricing.Amount) *estimator.Estimate {
		return &estimator.Estimate{
			Cost:    estimator.Cost{Low: &low, Expected: &expected, High: &high},
			Verdict: estimator.Verdict{Decision: estimator.Allow},
		}
	}
	dear, cheap := costs(1, 5, 9), costs(2, 3, 8)
	denied, capped, retired, unknown := costs(0, 0, 0), costs(0, 0, 0), costs(0, 0, 0), costs(0, 0, 0)
	denied.Verdict.Decision, capped.Verdict.Decision = estimator.Deny, estimator.AllowWithCaps
	retired.Findings = []lint.Finding{{Code: lint.ModelRetired}}
	unknown.Cost = estimator.Cost{}
	for _, tt := range []struct {
		name      string
		estimates []*estimator.Estimate
		basis     estimator.Basis
		want      int
	}{
		{"by the high cost unless said otherwise", []*estimator.Estimate{dear, cheap}, "", 1},
		{"by the low cost", []*estimator.Estimate{dear, cheap}, estimator.BasisLow, 0},
		{"by the expected cost", []*estimator.Estimate{dear, cheap}, estimator.BasisExpected, 1},
		{"the first of equals", []*estimator.Estimate{nil, cheap, cheap}, "", 1},
		{"none that could not be called", []*estimator.Estimate{denied, capped, retired, unknown, nil, dear}, "", 5},
		{"nobody", []*estimator.Estimate{denied, capped, retired, unknown, nil}, "", -1},
		{"nothing", nil, "", -1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tt.want, estimator.Cheapest(tt.estimates, tt.basis))
		})
	}
}
