package gate

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"tollgate/estimator"
)

// write writes the baseline.
func (b *Baseline) write(w io.Writer) error {
	var out bytes.Buffer
	fmt.Fprintf(&out, "{\n  \"version\": %d,\n  \"currency\": %q,\n  \"cases\": {", baselineVersion, b.Currency)
	ids := make([]string, 0, len(b.cases))
	for id := range b.cases {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for i, id := range ids {
		if i > 0 {
			out.WriteByte(',')
		}
		name, err := encode(id)
		if err != nil {
			return err
		}
		fmt.Fprintf(&out, "\n    %s: {", name)
		if err := b.cases[id].write(&out); err != nil {
			return err
		}
		out.WriteString("\n    }")
		if out.Len() > 1<<20 {
			if _, err := out.WriteTo(w); err != nil {
				return fmt.Errorf("write the baseline: %w", err)
			}
		}
	}
	out.WriteString("\n  }\n}\n")
	if _, err := out.WriteTo(w); err != nil {
		return fmt.Errorf("write the baseline: %w", err)
	}
	return nil
}

// write writes a case, a member a line, and a line for each stretch of the
// prompt.
func (e *entry) write(out *bytes.Buffer) error {
	m := &e.measurement
	f := entryFile{
		Request: e.file, Model: m.Model, Hash: m.Hash,
		Count:   countFile{Method: m.Method, Version: m.Version, Tokens: m.PromptTokens, Low: m.Low},
		Assumed: assumptionFile{m.CompletionTokens, m.CachedTokens, m.Calls},
		Cost:    costFile{m.Cost.Expected, m.Cost.Low, m.Cost.High},
		Tools:   e.prefix.tools, Prefix: e.prefix.segments,
	}
	if m.High != estimator.Unbounded {
		f.Count.High = &m.High
	}
	if m.Rates != nil {
		f.Rates = &ratesFile{
			m.Rates.InputCacheHit, m.Rates.InputCacheMiss, m.Rates.Output, m.Rates.EffectiveFrom.Format(time.DateOnly),
		}
	}
	for i, member := range []struct {
		name  string
		value any
	}{
		{"request", f.Request},
		{"model", f.Model},
		{"content_hash", f.Hash},
		{"count", f.Count},
		{"assumed", f.Assumed},
		{"rates", f.Rates},
		{"cost", f.Cost},
	} {
		if err := writeMember(out, member.name, member.value, i > 0); err != nil {
			return err
		}
	}
	if err := writeList(out, "tools", f.Tools); err != nil {
		return err
	}
	return writeList(out, "prefix", f.Prefix)
}

// writeMember writes a member on a line of its own.
func writeMember(out *bytes.Buffer, name string, value any, more bool) error {
	text, err := encode(value)
	if err != nil {
		return err
	}
	if more {
		out.WriteByte(',')
	}
	fmt.Fprintf(out, "\n      %q: %s", name, text)
	return nil
}

// writeList writes a list, an element a line.
func writeList[T any](out *bytes.Buffer, name string, list []T) error {
	fmt.Fprintf(out, ",\n      %q: [", name)
	for i := range list {
		text, err := encode(list[i])
		if err != nil {
			return err
		}
		if i > 0 {
			out.WriteByte(',')
		}
		out.WriteString("\n        " + text)
	}
	if len(list) > 0 {
		out.WriteString("\n      ")
	}
	out.WriteByte(']')
	return nil
}

// save puts the baseline in place, whole or not at all.
func (b *Baseline) save(path string) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".tollgate.baseline-*")
	if err != nil {
		return fmt.Errorf("write the baseline: %w", err)
	}
	defer func() { _ = os.Remove(f.Name()) }() // gone already when all went well
	if err := b.write(f); err != nil {
		_ = f.Close()
		return err
	}
	if err := errors.Join(f.Chmod(0o644), f.Close()); err != nil {
		return fmt.Errorf("write the baseline: %w", err)
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return fmt.Errorf("put the baseline in place: %w", err)
	}
	return nil
}
