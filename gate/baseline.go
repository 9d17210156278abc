package gate

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"

	"tollgate/estimator"
	"tollgate/pricing"
)

// baselineVersion is the only version of the baseline file there is.
const baselineVersion = 1

// maxBaseline bounds a baseline, in bytes: a million cases.
const maxBaseline = 1 << 30

// Baseline is the cases as they were when the baseline was written. It holds
// counts, hashes and rates, and nothing of any prompt.
type Baseline struct {
	Currency pricing.Currency
	cases    map[string]*entry
}

// entry is a case of the baseline.
type entry struct {
	id, file    string
	measurement Measurement
	prefix      prefix
}

// entry returns the case of an id; nil when there is none, or no baseline.
func (b *Baseline) entry(id string) *entry {
	if b == nil {
		return nil
	}
	return b.cases[id]
}

// BaselineError says why a baseline can not be used.
type BaselineError struct {
	File   string
	Detail string
}

// Error says what is wrong and what to do.
func (e *BaselineError) Error() string {
	return e.File + ": " + e.Detail + "; write it anew with tollgate gate --update-baseline"
}

// baselineFile is the baseline as it is written. Cases are sorted by id, and
// what belongs together stands on one line, so that a diff of two baselines can
// be read.
type baselineFile struct {
	Version  int              `json:"version"`
	Currency pricing.Currency `json:"currency"`
	Cases    entries          `json:"cases"`
}

// entries is the cases by their ids. An id that is there twice, as a merge of
// two branches can leave it, is refused: one of them would hide the other.
type entries map[string]json.RawMessage

// UnmarshalJSON reads the cases.
func (e *entries) UnmarshalJSON(text []byte) error {
	dec := json.NewDecoder(bytes.NewReader(text))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return errors.New("cases: want an object")
	}
	*e = entries{}
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return fmt.Errorf("cases: %w", err)
		}
		id, _ := key.(string) // what stands before a colon is a string
		if _, twice := (*e)[id]; twice {
			return fmt.Errorf("case %q is there twice", id)
		}
		var raw json.RawMessage
		if err := dec.Decode(&raw); err != nil {
			return fmt.Errorf("case %q: %w", id, err)
		}
		(*e)[id] = raw
	}
	return nil
}

// entryFile is a case as it is written, a member a line.
type entryFile struct {
	Request string         `json:"request"`
	Model   string         `json:"model"`
	Hash    string         `json:"content_hash"`
	Count   countFile      `json:"count"`
	Assumed assumptionFile `json:"assumed"`
	Rates   *ratesFile     `json:"rates"`
	Cost    costFile       `json:"cost"`
	Tools   []tool         `json:"tools"`
	Prefix  []segment      `json:"prefix"`
}

type countFile struct {
	Method  estimator.Method `json:"method"`
	Version string           `json:"version,omitempty"`
	Tokens  int64            `json:"prompt_tokens"`
	Low     int64            `json:"low"`
	High    *int64           `json:"high"`
}

type assumptionFile struct {
	Completion int64 `json:"completion_tokens"`
	Cached     int64 `json:"cached_tokens"`
	Calls      int64 `json:"calls"`
}

type ratesFile struct {
	Hit   pricing.Rate `json:"input_cache_hit"`
	Miss  pricing.Rate `json:"input_cache_miss"`
	Out   pricing.Rate `json:"output"`
	Since string       `json:"effective_from"`
}

type costFile struct {
	Expected *pricing.Amount `json:"expected"`
	Low      *pricing.Amount `json:"low"`
	High     *pricing.Amount `json:"high"`
}

// LoadBaseline reads a baseline. It returns nil when there is no such file, and
// a *BaselineError when it can not be used.
func LoadBaseline(path string) (*Baseline, error) {
	f, err := os.Open(path) //nolint:gosec // the operator names the file
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil //nolint:nilnil // no baseline is an answer
	}
	if err != nil {
		return nil, fmt.Errorf("open the baseline: %w", err)
	}
	defer func() { _ = f.Close() }()
	return ReadBaseline(path, f)
}

// ReadBaseline reads a baseline from r; name is what errors call it. Its error
// is a *BaselineError.
func ReadBaseline(name string, r io.Reader) (*Baseline, error) {
	content, err := io.ReadAll(io.LimitReader(r, maxBaseline+1))
	if err != nil {
		return nil, fmt.Errorf("read the baseline: %w", err)
	}
	refuse := func(detail string) (*Baseline, error) { return nil, &BaselineError{name, detail} }
	if len(content) > maxBaseline {
		return refuse("it is too large")
	}
	if bytes.Contains(content, []byte("\n<<<<<<<")) {
		return refuse("it has the marks of a merge conflict in it")
	}
	var f baselineFile
	if err := strictly(content, &f); err != nil {
		return refuse("it is no baseline: " + err.Error())
	}
	if f.Version != baselineVersion {
		return refuse(fmt.Sprintf("its version is %d, and %d is the only one this program knows", f.Version, baselineVersion))
	}
	if _, err := pricing.ParseCurrency(string(f.Currency)); err != nil {
		return refuse(err.Error())
	}
	b := &Baseline{Currency: f.Currency, cases: make(map[string]*entry, len(f.Cases))}
	for id, raw := range f.Cases {
		e, err := readEntry(id, raw)
		if err != nil {
			return refuse(fmt.Sprintf("case %q: %v", id, err))
		}
		b.cases[id] = e
	}
	return b, nil
}

// strictly reads JSON with no unknown members and nothing behind it.
func strictly(content []byte, into any) error {
	dec := json.NewDecoder(bytes.NewReader(content))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		return fmt.Errorf("%s", strings.TrimPrefix(err.Error(), "json: "))
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return errors.New("there is something behind it")
	}
	return nil
}

// readEntry reads and checks a case.
func readEntry(id string, raw json.RawMessage) (*entry, error) {
	var f entryFile
	if err := strictly(raw, &f); err != nil {
		return nil, err
	}
	m := Measurement{
		Model: f.Model, Hash: f.Hash, Method: f.Count.Method, Version: f.Count.Version,
		PromptTokens: f.Count.Tokens, Low: f.Count.Low, High: estimator.Unbounded,
		CompletionTokens: f.Assumed.Completion, CachedTokens: f.Assumed.Cached, Calls: f.Assumed.Calls,
		Cost: Cost{Expected: f.Cost.Expected, Low: f.Cost.Low, High: f.Cost.High},
	}
	if f.Count.High != nil {
		m.High = *f.Count.High
	}
	if f.Rates != nil {
		since, err := time.Parse(time.DateOnly, f.Rates.Since)
		if err != nil {
			return nil, errors.New("rates: effective_from is no date")
		}
		m.Rates = &Rates{f.Rates.Hit, f.Rates.Miss, f.Rates.Out, since}
	}
	if !counted(m.Method) {
		return nil, errors.New("count: there is no such method")
	}
	if err := m.check(); err != nil {
		return nil, err
	}
	m.Total = m.Cost.times(m.Calls)
	return &entry{id: id, file: f.Request, measurement: m, prefix: prefix{segments: f.Prefix, tools: f.Tools}}, nil
}

// check refuses numbers that no measurement has.
func (m *Measurement) check() error {
	high := m.High
	if high == estimator.Unbounded {
		high = estimator.MaxTokens
	}
	switch {
	case m.Low < 0 || m.Low > m.PromptTokens || m.PromptTokens > high || high > estimator.MaxTokens:
		return errors.New("count: low, prompt_tokens and high are not in this order")
	case m.CompletionTokens < 0 || m.CompletionTokens > estimator.MaxTokens:
		return errors.New("assumed: completion_tokens is out of range")
	case m.CachedTokens < 0 || m.CachedTokens > m.PromptTokens:
		return errors.New("assumed: more tokens are cached than the prompt has")
	case m.Calls < 1 || m.Calls > maxCalls:
		return errors.New("assumed: calls is out of range")
	}
	return nil
}

// counted reports whether a method is one that answers have.
func counted(m estimator.Method) bool {
	switch m {
	case estimator.MethodVendor, estimator.MethodTokenizer, estimator.MethodApproximation, estimator.MethodMixed:
		return true
	case estimator.MethodAuto:
	}
	return false
}
