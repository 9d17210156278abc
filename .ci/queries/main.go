// Command queries writes the queries of a Grafana dashboard as a file of
// Prometheus rules, so that promtool can say whether they parse.
//
//	queries dashboard.json >rules.yaml
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
)

// dashboard is what there is to know of one.
type dashboard struct {
	Panels []struct {
		Targets []struct {
			Expr string `json:"expr"`
		} `json:"targets"`
	} `json:"panels"`
	Annotations struct {
		List []struct {
			Expr string `json:"expr"`
		} `json:"list"`
	} `json:"annotations"`
}

func main() {
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(path string) error {
	content, err := os.ReadFile(path) //nolint:gosec // the file that was named
	if err != nil {
		return fmt.Errorf("read the dashboard: %w", err)
	}
	var d dashboard
	if err := json.Unmarshal(content, &d); err != nil {
		return fmt.Errorf("read the dashboard: %w", err)
	}
	var queries []string
	for _, p := range d.Panels {
		for _, t := range p.Targets {
			queries = append(queries, t.Expr)
		}
	}
	for _, a := range d.Annotations.List {
		queries = append(queries, a.Expr)
	}
	// What Grafana puts in, as it does when everything is chosen.
	filled := strings.NewReplacer("$__rate_interval", "2m", "$namespace", ".*", "$job", ".*")
	var out strings.Builder
	out.WriteString("groups:\n  - name: dashboard\n    rules:\n")
	for i, q := range queries {
		expr, err := json.Marshal(filled.Replace(q)) // a JSON text is a YAML text
		if err != nil {
			return fmt.Errorf("write query %d: %w", i, err)
		}
		fmt.Fprintf(&out, "      - {record: query_%d, expr: %s}\n", i, expr)
	}
	if _, err := os.Stdout.WriteString(out.String()); err != nil {
		return fmt.Errorf("write the queries: %w", err)
	}
	return nil
}
