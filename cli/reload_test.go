package cli_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/api"
)

// mounted is a directory in which a file is mounted as Kubernetes mounts a
// ConfigMap or a Secret: a link to a file below a link to a directory, and that
// link is what is replaced.
type mounted struct {
	t       testing.TB
	dir     string
	name    string
	version int
}

func mount(t testing.TB, name, content string) *mounted {
	t.Helper()
	m := &mounted{t: t, dir: t.TempDir(), name: name}
	require.NoError(t, os.Symlink(filepath.Join("..data", name), m.path()))
	m.swap(content)
	return m
}

func (m *mounted) path() string { return filepath.Join(m.dir, m.name) }

// swap replaces the content at once.
func (m *mounted) swap(content string) {
	m.t.Helper()
	m.version++
	version := fmt.Sprintf("..version_%d", m.version)
	require.NoError(m.t, os.Mkdir(filepath.Join(m.dir, version), 0o700))
	require.NoError(m.t, os.WriteFile(filepath.Join(m.dir, version, m.name), []byte(content), 0o600))
	require.NoError(m.t, os.Symlink(version, filepath.Join(m.dir, "..data_tmp")))
	require.NoError(m.t, os.Rename(filepath.Join(m.dir, "..data_tmp"), filepath.Join(m.dir, "..data")))
	if m.version > 1 {
		require.NoError(m.t, os.RemoveAll(filepath.Join(m.dir, fmt.Sprintf("..version_%d", m.version-1))))
	}
}

// soon waits for what a watched file brings about.
func soon(t testing.TB, what string, happened func() bool) {
	t.Helper()
	require.Eventually(t, happened, 30*time.Second, 20*time.Millisecond, what)
}

// as returns the status of an estimate with a key.
func (s *running) as(key string) int {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, s.url+"/v1/estimate", strings.NewReader(hello))
	require.NoError(s.t, err)
	req.Header.Set("Content-Type", "application/json")
	if key != "" {
		req.Header.Set("Authorization", "Bearer "+key)
	}
	resp, err := http.DefaultClient.Do(req)
	require.NoError(s.t, err)
	_ = resp.Body.Close()
	return resp.StatusCode
}

// metric reports whether /metrics has a line.
func (s *running) metric(line string) bool {
	return strings.Contains(s.get("/metrics"), "\n"+line+"\n")
}

func TestTheKeyFileIsReadAgainAndABadOneKeptOut(t *testing.T) {
	t.Parallel()
	m := mount(t, "keys", "canary-key-1\ncanary-key-2\n")
	s := start(t, "TOLLGATE_API_KEYS=file:"+m.path())
	statuses := func() []int {
		return []int{s.as(""), s.as("canary-key-1"), s.as("canary-key-2"), s.as("canary-key-3")}
	}
	require.Equal(t, []int{401, 200, 200, 403}, statuses())
	m.swap("\r\n canary-key-2\r\ncanary-key-3\r\n\r\n")
	soon(t, "the new key opens", func() bool { return s.as("canary-key-3") == 200 })
	require.Equal(t, []int{401, 403, 200, 200}, statuses())
	require.True(t, s.metric(`tollgate_file_refused{file="keys"} 0`))

	for i, bad := range []string{
		"", "\n \n", "canary key with spaces\n", "canary-key-3\n\x00\x01\n", "canary-schlüssel\n", strings.Repeat("canary-key-3\n", 1001),
		strings.Repeat("x", 9<<20),
	} {
		m.swap(bad)
		soon(t, "it is refused", func() bool { return s.metric(fmt.Sprintf(`tollgate_file_refusals_total{file="keys"} %d`, i+1)) })
		require.True(t, s.metric(`tollgate_file_refused{file="keys"} 1`))
		require.Equal(t, []int{401, 403, 200, 200}, statuses(), "the old keys stay: bad file %d", i)
	}
	require.NoError(t, os.Remove(filepath.Join(m.dir, "..data")))
	soon(t, "a missing file is refused too", func() bool { return s.metric(`tollgate_file_refusals_total{file="keys"} 8`) })
	require.Equal(t, []int{401, 403, 200, 200}, statuses())
	require.Equal(t, 8, strings.Count(s.log.String(), "what was in force stays so"), "once each: %s", s.log)
	require.Contains(t, s.log.String(), "line 2")

	m.swap("canary-key-1\n")
	soon(t, "a good file is in force again", func() bool { return s.as("canary-key-1") == 200 })
	require.Equal(t, []int{401, 200, 403, 403}, statuses())
	require.True(t, s.metric(`tollgate_file_refused{file="keys"} 0`))
	require.NotContains(t, s.log.String(), "canary")
}

func TestBadKeysAreRefusedAtStart(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, keys, want string }{
		{"no key", ",,", "holds no key"},
		{"a space within", "good,canary bad", "at key 2"},
		{"an empty file", "file:" + write(t, "keys", nil), "holds no key"},
		{"a file with a space within", "file:" + write(t, "keys", []byte("good\n\ncanary bad\n")), "at line 3"},
		{"a file of something else", "file:" + write(t, "keys", []byte{0x7f, 'E', 'L', 'F', 0, 0}), "at line 1"},
		{"too many", strings.Repeat("k,", 1001), "more than 1000 keys"},
		{"a directory", "file:" + t.TempDir(), "is a directory"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := run(t, "", map[string]string{"TOLLGATE_API_KEYS": tt.keys}, "serve")
			require.Equal(t, 2, r.code)
			require.Contains(t, r.stderr, "TOLLGATE_API_KEYS")
			require.Contains(t, r.stderr, tt.want)
			require.NotContains(t, r.stderr, "canary")
		})
	}
}

// priceFile is a price file with one record, changed.
func priceFile(t testing.TB, change ...string) string {
	t.Helper()
	good, err := os.ReadFile("../pricing/data/kimi-k2.6.yaml")
	require.NoError(t, err)
	for i := 0; i < len(change); i += 2 {
		require.Contains(t, string(good), change[i])
	}
	return strings.NewReplacer(change...).Replace(string(good))
}

// badPrices is price files that must not be used, and what is said of each.
func badPrices(t testing.TB) map[string][2]string {
	t.Helper()
	good := priceFile(t)
	return map[string][2]string{
		"empty":            {"", "prices.yaml:1: no price record"},
		"only a comment":   {"# soon\n", "prices.yaml:1: no price record"},
		"truncated":        {good[:strings.Index(good, "output:")], "output is missing"},
		"cut within":       {good[:strings.Index(good, "effective_from:")+10], "prices.yaml:"},
		"NaN":              {priceFile(t, `"27.00"`, `"NaN"`), "rate: not a plain decimal"},
		"bare nan":         {priceFile(t, `"27.00"`, `.nan`), "want a decimal in quotes"},
		"infinite":         {priceFile(t, `"27.00"`, `"Infinity"`), "rate: not a plain decimal"},
		"negative":         {priceFile(t, `"27.00"`, `"-27.00"`), "rate: not a plain decimal"},
		"1e999999":         {priceFile(t, `"27.00"`, `"1e999999"`), "rate: not a plain decimal"},
		"bare 1e999999":    {priceFile(t, `"27.00"`, `1e999999`), "rate: not a plain decimal"},
		"too large":        {priceFile(t, `"27.00"`, `"9999999999999999"`), "too large"},
		"periods overlap":  {priceFile(t, "currency: USD", "currency: CNY"), "the period overlaps"},
		"a model twice":    {good + "---\n" + good, "is taken by"},
		"an unknown key":   {priceFile(t, "output:", "outputs:"), `unknown key "outputs"`},
		"a key twice":      {priceFile(t, "family:", "family: x\nfamily:"), "is there twice"},
		"an unknown model": {priceFile(t, "family: ", "family: not-"), "no prompt template is known"},
		"not YAML":         {"\t{[", "prices.yaml:1: yaml"},
		"not text":         {"\x7fELF\x00\x00", "prices.yaml:1: yaml"},
	}
}

func TestABadPriceFileIsRefusedAtStartWithItsLine(t *testing.T) {
	t.Parallel()
	for name, bad := range badPrices(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := run(t, "", map[string]string{"TOLLGATE_PRICES": write(t, "prices.yaml", []byte(bad[0]))}, "serve")
			require.Equal(t, 2, r.code)
			require.Contains(t, r.stderr, bad[1])
			require.Contains(t, r.stderr, "TOLLGATE_PRICES")
		})
	}
}

func TestABadPriceFileIsKeptOutWhileRunning(t *testing.T) {
	t.Parallel()
	m := mount(t, "prices.yaml", priceFile(t, `"27.00"`, `"28.00"`))
	s := start(t, "TOLLGATE_PRICES="+m.path())
	rate := func() string {
		status, answer := s.post("/v1/estimate", hello)
		require.Equal(t, 200, status)
		var est api.Estimate
		require.NoError(t, json.Unmarshal(answer, &est))
		return est.Cost.Lines[2].PerMillion
	}
	require.Equal(t, "28", rate())
	bad, refused := badPrices(t), 0
	for name, b := range bad {
		m.swap(b[0])
		refused++
		soon(t, name, func() bool { return s.metric(fmt.Sprintf(`tollgate_file_refusals_total{file="prices"} %d`, refused)) })
		require.True(t, s.metric(`tollgate_file_refused{file="prices"} 1`), name)
		require.Contains(t, s.log.String(), strings.Trim(fmt.Sprintf("%q", b[1]), `"`), name)
		require.Equal(t, "28", rate(), name)
		require.Equal(t, 200, s.status("/readyz"), name)
	}
	m.swap(priceFile(t, `"27.00"`, `"29.00"`))
	soon(t, "a good file is in force", func() bool { return rate() == "29" })
	require.True(t, s.metric(`tollgate_file_refused{file="prices"} 0`))
	require.True(t, s.metric(`tollgate_file_loads_total{file="prices"} 2`))
	status, _ := s.post("/v1/estimate", strings.Replace(hello, "kimi-k2.6", "kimi-k9", 1))
	require.Equal(t, 422, status, "a model without a price")
	t.Logf("scorecard | 22 | %d bad price files (empty, truncated, NaN, negative, 1e999999, overlapping, duplicate, unknown key, no YAML ...), "+
		"each at start and swapped in as a mounted ConfigMap; a model that is not in the table | exit 2 naming file and line; old table stays, log and metric; 422 | "+
		"%d of %d refused at start (TestABadPriceFileIsRefusedAtStartWithItsLine), %d of %d kept out while running, 422", len(bad), len(bad), len(bad), refused, len(bad))
}
