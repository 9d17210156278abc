package gate

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"tollgate/estimator"
	"tollgate/pricing"
)

// configVersion is the only version of the configuration there is.
const configVersion = 1

// maxConfig bounds a configuration, in bytes.
const maxConfig = 4 << 20

// ConfigError says what is wrong with the configuration: every mistake, with
// its line.
type ConfigError struct {
	File  string
	Wrong []string // sentences, each with its line where there is one
}

// Error lists all that is wrong.
func (e *ConfigError) Error() string {
	return e.File + ":\n  " + strings.Join(e.Wrong, "\n  ")
}

// configFile is the configuration as it is written. Its scalars read their own
// text, so that no number ever passes through a float.
type configFile struct {
	Version  int        `yaml:"version"`
	Currency currency   `yaml:"currency"`
	Basis    basis      `yaml:"basis"`
	Method   method     `yaml:"method"`
	At       moment     `yaml:"at"`
	Baseline string     `yaml:"baseline"`
	Cases    []caseFile `yaml:"cases"`
	Limits   limitsFile `yaml:"limits"`
}

// caseFile is one case as it is written.
type caseFile struct {
	ID               string          `yaml:"id"`
	Request          string          `yaml:"request"`
	Prompt           string          `yaml:"prompt"`
	System           string          `yaml:"system"`
	Values           string          `yaml:"values"`
	Model            string          `yaml:"model"`
	CompletionTokens *tokens         `yaml:"completion_tokens"`
	CachedTokens     *tokens         `yaml:"cached_tokens"`
	CachedShare      *share          `yaml:"cached_share"`
	Calls            *calls          `yaml:"calls"`
	Basis            basis           `yaml:"basis"`
	Limits           *caseLimitsFile `yaml:"limits"`

	line int
}

// caseLimitsFile is the limits of a case as they are written.
type caseLimitsFile struct {
	MaxCost         *amount  `yaml:"max_cost"`
	MaxPromptTokens *tokens  `yaml:"max_prompt_tokens"`
	MinHeadroom     *tokens  `yaml:"min_headroom"`
	MaxGrowth       *percent `yaml:"max_growth"`
}

// limitsFile is the limits of all cases as they are written.
type limitsFile struct {
	caseLimitsFile `yaml:",inline"`

	MaxTotalCost *amount `yaml:"max_total_cost"`
}

// LoadConfig reads a configuration. Its error is a *ConfigError, or that of
// opening the file.
func LoadConfig(path string) (*Config, error) {
	f, err := os.Open(path) //nolint:gosec // the operator names the file
	if err != nil {
		return nil, fmt.Errorf("open the configuration: %w", err)
	}
	defer func() { _ = f.Close() }()
	c, err := ReadConfig(path, f)
	if err != nil {
		return nil, err
	}
	c.Dir = filepath.Dir(path)
	return c, nil
}

// ReadConfig reads a configuration from r; name is what errors call it. Its
// error is a *ConfigError.
func ReadConfig(name string, r io.Reader) (*Config, error) {
	content, err := io.ReadAll(io.LimitReader(r, maxConfig+1))
	if err != nil {
		return nil, fmt.Errorf("read the configuration: %w", err)
	}
	if len(content) > maxConfig {
		return nil, &ConfigError{name, []string{fmt.Sprintf("it is larger than %d bytes", maxConfig)}}
	}
	var f configFile
	var root yaml.Node
	dec := yaml.NewDecoder(strings.NewReader(string(content)))
	dec.KnownFields(true)
	switch err := dec.Decode(&f); {
	case errors.Is(err, io.EOF):
		return nil, &ConfigError{name, []string{"it is empty; it wants version: 1 and cases"}}
	case err != nil:
		return nil, &ConfigError{name, plainly(err)}
	}
	if err := dec.Decode(&root); !errors.Is(err, io.EOF) {
		return nil, &ConfigError{name, []string{"there is a second document in it; one is wanted"}}
	}
	f.number(content)
	if wrong := f.check(); len(wrong) > 0 {
		return nil, &ConfigError{name, wrong}
	}
	c := f.config()
	c.File = name
	return c, nil
}

// goType is how the YAML library speaks of our types.
var goType = regexp.MustCompile(` (not found in|into) (type )?[a-z*]*\.?[A-Za-z]+$`)

// plainly says what the YAML library found in words that its reader knows.
func plainly(err error) []string {
	typeErr, ok := errors.AsType[*yaml.TypeError](err)
	if !ok {
		return []string{strings.TrimPrefix(err.Error(), "yaml: ")}
	}
	wrong := make([]string, 0, len(typeErr.Errors))
	for _, e := range typeErr.Errors {
		if m := goType.FindStringSubmatch(e); m != nil && m[1] == "not found in" {
			e = strings.Replace(goType.ReplaceAllString(e, " is not known here"), "field ", "key ", 1)
		} else if m != nil {
			e = strings.Replace(goType.ReplaceAllString(e, " is not what is wanted here"), "cannot unmarshal ", "", 1)
		}
		wrong = append(wrong, yamlTags.Replace(e))
	}
	return wrong
}

// yamlTags says in words what YAML calls kinds of values.
var yamlTags = strings.NewReplacer("!!seq", "a list", "!!map", "a mapping", "!!str", "text", "!!int", "number")

// number notes the lines of the cases, for messages. What it does not find
// stays without one.
func (f *configFile) number(content []byte) {
	var root yaml.Node
	if yaml.Unmarshal(content, &root) != nil || len(root.Content) == 0 {
		return
	}
	top := root.Content[0]
	for i := 0; i+1 < len(top.Content); i += 2 {
		if top.Content[i].Value != "cases" {
			continue
		}
		for j, n := range top.Content[i+1].Content {
			if j < len(f.Cases) {
				f.Cases[j].line = n.Line
			}
		}
	}
}

// check returns what is wrong beyond the form.
func (f *configFile) check() []string {
	var wrong []string
	if f.Version != configVersion {
		wrong = append(wrong, fmt.Sprintf("version: want %d, the only one there is", configVersion))
	}
	if len(f.Cases) == 0 {
		wrong = append(wrong, "cases: there is none; each wants an id and a request or a prompt")
	}
	seen := make(map[string]int)
	for i := range f.Cases {
		c := &f.Cases[i]
		for _, w := range c.check() {
			wrong = append(wrong, fmt.Sprintf("line %d: %s", c.line, w))
		}
		if before, ok := seen[c.ID]; ok && c.ID != "" {
			wrong = append(wrong, fmt.Sprintf("line %d: id %q is that of line %d, too", c.line, c.ID, before))
		}
		seen[c.ID] = c.line
	}
	return wrong
}

// check returns what is wrong with one case.
func (c *caseFile) check() []string {
	var wrong []string
	for _, rule := range []struct {
		broken bool
		says   string
	}{
		{c.ID == "", "the case has no id; it is its key in the baseline"},
		{c.Request == "" && c.Prompt == "", "the case has neither request nor prompt"},
		{c.Request != "" && c.Prompt != "", "the case has request and prompt; give one of them"},
		{c.Prompt != "" && c.Model == "", "a prompt wants a model"},
		{c.Prompt == "" && c.System != "", "system goes with a prompt; a request has its own"},
		{c.Prompt == "" && c.Model != "", "model goes with a prompt; a request has its own"},
		{c.CachedTokens != nil && c.CachedShare != nil, "give cached_tokens or cached_share, not both"},
	} {
		if rule.broken {
			wrong = append(wrong, rule.says)
		}
	}
	return wrong
}

// config returns the configuration as the gate uses it.
func (f *configFile) config() *Config {
	c := &Config{
		Dir: ".", Currency: pricing.Currency(f.Currency), Basis: estimator.Basis(f.Basis),
		Method: estimator.Method(f.Method), At: time.Time(f.At), Baseline: f.Baseline,
		Limits: Limits{CaseLimits: f.Limits.limits(), MaxTotalCost: (*pricing.Amount)(f.Limits.MaxTotalCost)},
	}
	for i := range f.Cases {
		c.Cases = append(c.Cases, f.Cases[i].spec())
	}
	return c
}

// spec returns a case as the gate uses it.
func (c *caseFile) spec() CaseSpec {
	s := CaseSpec{
		ID: c.ID, Request: c.Request, Prompt: c.Prompt, System: c.System, Values: c.Values, Model: c.Model,
		CompletionTokens: (*int64)(c.CompletionTokens), CachedTokens: (*int64)(c.CachedTokens),
		CachedShare: (*estimator.Share)(c.CachedShare), Calls: 1, Basis: estimator.Basis(c.Basis), Line: c.line,
	}
	if c.Calls != nil {
		s.Calls = int64(*c.Calls)
	}
	if c.Limits != nil {
		s.Limits = c.Limits.limits()
	}
	return s
}

// limits returns limits as the gate uses them.
func (l *caseLimitsFile) limits() CaseLimits {
	return CaseLimits{
		MaxCost:         (*pricing.Amount)(l.MaxCost),
		MaxPromptTokens: (*int64)(l.MaxPromptTokens),
		MinHeadroom:     (*int64)(l.MinHeadroom),
		MaxGrowth:       (*Percent)(l.MaxGrowth),
	}
}
