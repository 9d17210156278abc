package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"

	"tollgate/api"
	"tollgate/estimator"
)

// compareCurrent is what --compare says for every model that is served.
const compareCurrent = "current"

// target is the route that answers the command, with its query.
func (cmd *estimateCmd) target() string {
	q := cmd.query()
	if cmd.Compare == "" {
		return "/v1/estimate?" + q.Encode()
	}
	if cmd.Compare != compareCurrent {
		q.Set("models", cmd.Compare)
	}
	return "/v1/estimate/compare?" + q.Encode()
}

// printComparison prints the answer, and returns an error with the exit code
// of a denial when no model is allowed.
func (cmd *estimateCmd) printComparison(p *Process, answer []byte) error {
	var c api.Comparison
	dec := json.NewDecoder(bytes.NewReader(answer))
	dec.UseNumber()
	if err := dec.Decode(&c); err != nil {
		return fmt.Errorf("read the comparison: %w", err)
	}
	text := string(bytes.TrimSpace(answer)) + "\n"
	if !cmd.JSON {
		text = (&comparisonReport{report: report{paint: p.painter()}, of: &c}).String()
	}
	if _, err := io.WriteString(p.Stdout, text); err != nil {
		return fmt.Errorf("print the comparison: %w", err)
	}
	for i := range c.Data {
		if est := c.Data[i].Estimate; est != nil && est.Verdict.Decision != string(estimator.Deny) {
			return nil
		}
	}
	return &exitError{code: exitDenied}
}
