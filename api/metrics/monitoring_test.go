package metrics_test

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"
)

const monitoring = "../../k8s/monitoring"

// shown returns every series name that a scraper gets, with its labels.
func shown(t *testing.T, g prometheus.Gatherer) map[string]map[string]bool {
	t.Helper()
	families, err := g.Gather()
	require.NoError(t, err)
	found := map[string]map[string]bool{"up": {}}
	for _, f := range families {
		labels := map[string]bool{}
		for _, m := range f.GetMetric() {
			for _, l := range m.GetLabel() {
				labels[l.GetName()] = true
			}
		}
		found[f.GetName()] = labels
		if f.GetType() == dto.MetricType_HISTOGRAM {
			delete(found, f.GetName())
			found[f.GetName()+"_sum"], found[f.GetName()+"_count"] = labels, labels
			buckets := maps.Clone(labels)
			buckets["le"] = true
			found[f.GetName()+"_bucket"] = buckets
		}
	}
	return found
}

// query is what a query asks for. promtool says whether it parses; here it is
// taken apart only as far as its names go.
type query struct {
	metrics []string
	labels  map[string][]string // of its selectors, by metric
	by      []string            // grouped by
}

var (
	selector = regexp.MustCompile(`([a-zA-Z_:][a-zA-Z0-9_:]*)\s*\{([^}]*)\}`)
	matcher  = regexp.MustCompile(`([a-zA-Z_][a-zA-Z0-9_]*)\s*(?:=~|!~|!=|=)\s*"[^"]*"`)
	grouping = regexp.MustCompile(`\bby\s*\(([^)]*)\)`)
	window   = regexp.MustCompile(`\[[^\]]*\]|\boffset\s+[0-9]+[a-z]`)
	word     = regexp.MustCompile(`[a-zA-Z_:][a-zA-Z0-9_:]*`)
	language = strings.Fields("sum rate increase histogram_quantile max min count topk by or and unless vector absent")
)

// parse takes a query apart.
func parse(expr string) query {
	q := query{labels: map[string][]string{}}
	for _, m := range selector.FindAllStringSubmatch(expr, -1) {
		for _, l := range matcher.FindAllStringSubmatch(m[2], -1) {
			q.labels[m[1]] = append(q.labels[m[1]], l[1])
		}
	}
	for _, m := range grouping.FindAllStringSubmatch(expr, -1) {
		q.by = append(q.by, word.FindAllString(m[1], -1)...)
	}
	for _, r := range []*regexp.Regexp{grouping, window} {
		expr = r.ReplaceAllString(expr, "")
	}
	expr = selector.ReplaceAllString(expr, "$1")
	for _, w := range word.FindAllString(expr, -1) {
		if !slices.Contains(language, w) {
			q.metrics = append(q.metrics, w)
		}
	}
	return q
}

// target is labels that a scraper adds.
var target = []string{"namespace", "job", "instance", "pod"}

// check holds a query against the metrics that exist.
func check(t *testing.T, exist map[string]map[string]bool, expr, legend string) []string {
	t.Helper()
	q := parse(expr)
	require.NotEmpty(t, q.metrics, expr)
	all := map[string]bool{}
	for _, name := range q.metrics {
		require.Contains(t, exist, name, "no such metric: %s", expr)
		maps.Copy(all, exist[name])
		for _, label := range q.labels[name] {
			require.True(t, exist[name][label] || slices.Contains(target, label), "%s has no label %s: %s", name, label, expr)
		}
	}
	for _, label := range q.by {
		require.True(t, all[label] || slices.Contains(target, label), "no metric has the label %s: %s", label, expr)
	}
	for _, label := range regexp.MustCompile(`\{\{(\w+)\}\}`).FindAllStringSubmatch(legend, -1) {
		aggregated := strings.Contains(expr, "(") && !strings.HasPrefix(expr, "tollgate_")
		require.True(t, slices.Contains(q.by, label[1]) || !aggregated && slices.Contains(target, label[1]), "nothing has the label %s: %s", label[1], expr)
	}
	return q.metrics
}

func TestTheDashboardAsksForMetricsThatExistAndForAllOfThem(t *testing.T) {
	t.Parallel()
	_, registry := everything(t)
	exist := shown(t, registry)
	content, err := os.ReadFile(filepath.Join(monitoring, "tollgate.json"))
	require.NoError(t, err)
	var d struct {
		UID    string
		Panels []struct {
			ID      int
			Title   string
			Type    string
			Targets []struct{ Expr, LegendFormat string }
			GridPos struct{ X, Y, W, H int }
		}
		Annotations struct {
			List []struct{ Expr, TitleFormat string }
		}
		Templating struct {
			List []struct{ Name, Type, Definition string }
		}
	}
	require.NoError(t, json.Unmarshal(content, &d))
	ids, asked := map[int]bool{}, map[string]bool{}
	for _, p := range d.Panels {
		require.False(t, ids[p.ID], "id %d twice", p.ID)
		ids[p.ID] = true
		require.LessOrEqual(t, p.GridPos.X+p.GridPos.W, 24, p.Title)
		require.True(t, p.Type == "row" || len(p.Targets) > 0, p.Title)
		for _, target := range p.Targets {
			for _, name := range check(t, exist, target.Expr, strings.ReplaceAll(target.LegendFormat, "{{instance}}", "")) {
				asked[name] = true
			}
		}
	}
	for _, a := range d.Annotations.List {
		check(t, exist, a.Expr, a.TitleFormat)
	}
	for _, v := range d.Templating.List {
		if v.Type == "query" {
			require.Contains(t, exist, word.FindAllString(v.Definition, -1)[1], v.Name)
		}
	}
	for name := range exist {
		if strings.HasPrefix(name, "tollgate_") && !strings.HasSuffix(name, "_sum") && !strings.HasSuffix(name, "_count") {
			require.True(t, asked[name], "no panel shows %s", name)
		}
	}
}

func TestEveryAlertAsksForMetricsThatExistAndSaysWhatToDo(t *testing.T) {
	t.Parallel()
	_, registry := everything(t)
	exist := shown(t, registry)
	content, err := os.ReadFile(filepath.Join(monitoring, "prometheusrule.yaml"))
	require.NoError(t, err)
	runbook, err := os.ReadFile(filepath.Join(monitoring, "RUNBOOK.md"))
	require.NoError(t, err)
	cases, err := os.ReadFile(filepath.Join(monitoring, "rules_test.yaml"))
	require.NoError(t, err)
	var rule struct {
		Spec struct {
			Groups []struct {
				Rules []struct {
					Alert, Expr         string
					Labels, Annotations map[string]string
				}
			}
		}
	}
	require.NoError(t, yaml.Unmarshal(content, &rule))
	alerts := rule.Spec.Groups[0].Rules
	require.NotEmpty(t, alerts)
	for _, a := range alerts {
		check(t, exist, a.Expr, "")
		require.Contains(t, []string{"critical", "warning", "info"}, a.Labels["severity"], a.Alert)
		require.Equal(t, "k8s/monitoring/RUNBOOK.md#"+strings.ToLower(a.Alert), a.Annotations["runbook"])
		require.NotEmpty(t, a.Annotations["summary"])
		require.Contains(t, string(runbook), "\n## "+a.Alert+"\n\n"+a.Annotations["description"]+"\n\n- ")
		require.Contains(t, string(cases), "- name: "+a.Alert+"\n", "promtool has no case that makes it fire")
	}
	require.Equal(t, len(alerts), strings.Count(string(runbook), "\n## "))
}

func TestAQueryForWhatDoesNotExistIsFound(t *testing.T) {
	t.Parallel()
	require.Equal(t, query{
		metrics: []string{"a_total", "b_total", "c"}, by: []string{"le", "x"},
		labels: map[string][]string{"a_total": {"s", "t"}},
	}, parse(`histogram_quantile(0.9, sum by (le, x) (rate(a_total{s=~"$s|or", t!="b"}[$__rate_interval] offset 1d))) / sum(increase(b_total[5m])) or vector(0) unless c`))
}
