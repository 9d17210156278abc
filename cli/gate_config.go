package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"tollgate/estimator"
	"tollgate/gate"
	"tollgate/pricing"
)

// config is what the gate is asked to hold: the configuration, with what the
// command line says instead.
func (cmd *gateCmd) config(c Config) (*gate.Config, error) {
	config, err := cmd.cases()
	if err != nil {
		return nil, err
	}
	r := optionReader{}
	if cmd.Currency != "" {
		config.Currency = read(&r, "--currency", cmd.Currency, pricing.ParseCurrency)
	}
	if cmd.Basis != "" {
		config.Basis = read(&r, "--basis", cmd.Basis, gate.ParseBasis)
	}
	if cmd.Method != "" {
		config.Method = read(&r, "--method", cmd.Method, gate.ParseMethod)
	}
	if cmd.At != "" {
		config.At = read(&r, "--at", cmd.At, gate.ParseTime)
	}
	if cmd.Baseline != "" {
		if config.Baseline, err = below(config.Dir, cmd.Baseline); err != nil {
			return nil, err
		}
	}
	if config.Currency == "" {
		config.Currency = c.Currency
	}
	if config.Basis == "" {
		config.Basis = estimator.BasisHigh
	}
	return config, errors.Join(r.wrong...)
}

// below is a path as it is named from a folder. An absolute one stays.
func below(dir, path string) (string, error) {
	if filepath.IsAbs(path) {
		return path, nil
	}
	from, err := filepath.Abs(dir)
	if err == nil {
		path, err = filepath.Abs(path)
	}
	if err == nil {
		path, err = filepath.Rel(from, path)
	}
	if err != nil {
		return "", fmt.Errorf("--baseline: %w", err)
	}
	return path, nil
}

// cases reads the configuration, or makes one of the paths.
func (cmd *gateCmd) cases() (*gate.Config, error) {
	if len(cmd.Paths) > 0 {
		if cmd.Config != "" {
			return nil, errors.New("give paths or --config, not both")
		}
		return cmd.fromPaths()
	}
	for _, o := range []struct{ name, value string }{
		{"--completion-tokens", cmd.CompletionTokens},
		{"--cached-share", cmd.CachedShare},
		{"--calls", cmd.Calls},
		{"--max-cost", cmd.MaxCost},
		{"--max-prompt-tokens", cmd.MaxPromptTokens},
		{"--min-headroom", cmd.MinHeadroom},
		{"--max-growth", cmd.MaxGrowth},
		{"--max-total-cost", cmd.MaxTotalCost},
	} {
		if o.value != "" {
			return nil, fmt.Errorf("%s goes with paths; the cases of a configuration have it in the file", o.name)
		}
	}
	path := cmd.Config
	if path == "" {
		path = gate.DefaultConfig
	}
	config, err := gate.LoadConfig(path)
	if errors.Is(err, fs.ErrNotExist) && cmd.Config == "" {
		return nil, fmt.Errorf("there is no %s here: write one, or name the requests to measure", gate.DefaultConfig)
	}
	if err != nil && errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("--config: %s: %s", cmd.Config, reasonOf(err))
	}
	return config, err
}

// fromPaths makes a configuration of paths, with the same assumptions and
// limits for all.
func (cmd *gateCmd) fromPaths() (*gate.Config, error) {
	r := optionReader{}
	config := &gate.Config{
		Dir: ".", Alone: cmd.Baseline == "" && !cmd.UpdateBaseline && cmd.MaxGrowth == "",
	}
	config.Limits.MaxCost = optional(&r, "--max-cost", cmd.MaxCost, pricing.ParseAmount)
	config.Limits.MaxPromptTokens = optional(&r, "--max-prompt-tokens", cmd.MaxPromptTokens, gate.ParseTokens)
	config.Limits.MinHeadroom = optional(&r, "--min-headroom", cmd.MinHeadroom, gate.ParseTokens)
	config.Limits.MaxGrowth = optional(&r, "--max-growth", cmd.MaxGrowth, gate.ParsePercent)
	config.Limits.MaxTotalCost = optional(&r, "--max-total-cost", cmd.MaxTotalCost, pricing.ParseAmount)
	completion := optional(&r, "--completion-tokens", cmd.CompletionTokens, gate.ParseTokens)
	share := optional(&r, "--cached-share", cmd.CachedShare, estimator.ParseShare)
	calls := optional(&r, "--calls", cmd.Calls, gate.ParseCalls)
	for _, path := range cmd.Paths {
		spec := gate.CaseSpec{
			ID: filepath.ToSlash(path), Request: filepath.ToSlash(path),
			CompletionTokens: completion, CachedShare: share, Calls: 1,
		}
		if calls != nil {
			spec.Calls = *calls
		}
		config.Cases = append(config.Cases, spec)
	}
	return config, errors.Join(r.wrong...)
}
