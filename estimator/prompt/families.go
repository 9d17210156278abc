package prompt

import (
	"sync"

	"tollgate/estimator/media"
)

// For returns the profile of a template family, as the catalogue of models
// names it.
func For(family string) (*Profile, bool) {
	p, ok := families()[family]
	return p, ok
}

// families are the families that are known, by name. Nothing writes them.
var families = sync.OnceValue(func() map[string]*Profile {
	byName := map[string]*Profile{}
	for _, p := range profiles() {
		byName[p.name] = &p
	}
	return byName
})

// kimiSystem is what some templates say for a caller who says nothing.
const kimiSystem = "You are Kimi, an AI assistant created by Moonshot AI."

// profiles lists the families that are known.
//
// Sources: the chat templates that are published with the weights of
// Kimi-K2-Thinking, K2.5 and K2.6 and the encoding of K3; for kimi-k2, prompts
// that the vendor's own server counted, which are not what its published
// template renders. Another part of a name, after a slash, is the same family
// as it was served at another time, or may be.
func profiles() []Profile {
	k25 := media.K25()
	old := doubt{
		reason: "the template of this model is not published; it is taken to be that of kimi-k2",
		less:   2, more: 4, lessMedia: 1,
		other:  &Profile{name: "moonshot-v1/json", tools: declareCompact, limits: media.KimiVL()},
		always: true,
	}
	return []Profile{
		{name: "kimi-k2.5", think: thinkOptional, limits: k25},
		{name: "kimi-k2.6", think: thinkOptional, keep: keepOnRequest, reasoning: true, limits: k25},
		{name: "kimi-k2.7-code", think: thinkAlways, keep: keepAll, reasoning: true, limits: k25},
		{name: "kimi-k3", markup: markupXTML, think: thinkOptional, keep: keepAll, limits: media.K3()},
		{
			name: "kimi-k2-thinking", think: thinkUnopened, tools: declareSpaced, system: kimiSystem, limits: k25,
			doubt: doubt{
				reason: "the vendor may leave out the default system message, and declare tools as for kimi-k2",
				other:  &Profile{name: "kimi-k2-thinking/served", think: thinkUnopened, callIDs: idsNumbered, limits: k25},
			},
		},
		{name: "kimi-k2", callIDs: idsNumbered, limits: k25},
		{name: "kimi-k2/2025-09", tools: declareCompact, callIDs: idsNumbered, limits: k25},
		{name: "kimi-vl", limits: media.KimiVL(), doubt: old},
		{name: "moonshot-v1", limits: media.KimiVL(), doubt: old},
	}
}
