package prompt

import "tollgate/estimator/media"

// For returns the profile of a template family, as the catalogue of models
// names it.
func For(family string) (*Profile, bool) {
	for _, p := range families() {
		if p.name == family {
			return &p, true
		}
	}
	return nil, false
}

// kimiSystem is what some templates say for a caller who says nothing.
const kimiSystem = "You are Kimi, an AI assistant created by Moonshot AI."

// families are the families that are known.
func families() []Profile {
	k25 := media.K25()
	return []Profile{
		{name: "kimi-k2.5", think: thinkOptional, limits: k25},
		{name: "kimi-k2.6", think: thinkOptional, keep: keepOnRequest, limits: k25},
		{name: "kimi-k2.7-code", think: thinkAlways, keep: keepAll, limits: k25},
		{name: "kimi-k2-thinking", think: thinkUnopened, tools: declareSpaced, system: kimiSystem, limits: k25},
		{name: "kimi-k2", callIDs: idsNumbered, limits: k25},
		{name: "kimi-k2/2025-09", tools: declareCompact, callIDs: idsNumbered, limits: k25},
	}
}
