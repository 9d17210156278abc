package api

import (
	"time"

	"tollgate/pricing"
)

// ModelList is the catalogue in the shape of the vendor's list.
type ModelList struct {
	Object string  `json:"object" enums:"list" example:"list"`
	Data   []Model `json:"data"`
} //@name ModelList

// Model is one model: the vendor's own members first, then what the catalogue
// adds. A null says that something is not known or not so.
type Model struct {
	ID                string `json:"id" example:"kimi-k2.5"`
	Object            string `json:"object" enums:"model" example:"model"`
	Created           *int64 `json:"created" example:"1769472000" extensions:"x-nullable"` // Unix seconds of released
	OwnedBy           string `json:"owned_by" example:"moonshot"`
	ContextLength     int64  `json:"context_length" example:"262144"`
	SupportsImageIn   bool   `json:"supports_image_in" example:"true"`
	SupportsVideoIn   bool   `json:"supports_video_in" example:"true"`
	SupportsReasoning bool   `json:"supports_reasoning" example:"true"`

	Aliases              []string        `json:"aliases"`
	ContextCache         bool            `json:"context_cache" example:"true"` // repeated prefixes are billed at a rate of their own
	DefaultMaxCompletion int64           `json:"default_max_completion_tokens" example:"32768"`
	FixedParameters      FixedParameters `json:"fixed_parameters"`
	Released             *string         `json:"released" format:"date" example:"2026-01-27" extensions:"x-nullable"`
	Retired              *string         `json:"retired" format:"date" example:"2026-08-31" extensions:"x-nullable"`
	Successor            *string         `json:"successor" example:"kimi-k2.6" extensions:"x-nullable"`
	Prices               []ModelPrice    `json:"prices"`
	BatchFactor          *string         `json:"batch_factor" format:"decimal" example:"0.6" extensions:"x-nullable"`
	Fees                 []Fee           `json:"fees"`
	Sources              []Source        `json:"sources"`
	Notes                []string        `json:"notes"`
} //@name Model

// FixedParameters is which values the vendor accepts. A null says that nothing
// is known to be refused.
type FixedParameters struct {
	Temperature        *Range   `json:"temperature" extensions:"x-nullable"`
	TemperatureNoThink *Range   `json:"temperature_without_thinking" extensions:"x-nullable"`
	TopP               *Range   `json:"top_p" extensions:"x-nullable"`
	N                  *Range   `json:"n" extensions:"x-nullable"`
	PresencePenalty    *Range   `json:"presence_penalty" extensions:"x-nullable"`
	FrequencyPenalty   *Range   `json:"frequency_penalty" extensions:"x-nullable"`
	Thinking           string   `json:"thinking" enums:"none,optional,always,unsent" example:"optional"`
	ThinkingTypes      []string `json:"thinking_types" example:"enabled,disabled"` // empty: none, or not known
	ThinkingKeep       []string `json:"thinking_keep"`                             // besides null; empty: must not be sent
	ReasoningEffort    []string `json:"reasoning_effort"`                          // empty: must not be sent, unless open
	ReasoningOpen      bool     `json:"reasoning_effort_open" example:"false"`     // accepted, but its values are not known
	ToolChoice         []string `json:"tool_choice" example:"auto,none"`           // while thinking; "specified" stands for an object
	MaxTools           *int     `json:"max_tools" example:"128" extensions:"x-nullable"`
	MaxStop            *int     `json:"max_stop" example:"5" extensions:"x-nullable"`
	MaxStopBytes       *int     `json:"max_stop_bytes" example:"32" extensions:"x-nullable"`
	MaxBodyBytes       *int64   `json:"max_body_bytes" example:"100000000" extensions:"x-nullable"`
	ImageFormats       []string `json:"image_formats" example:"png,jpeg,webp,gif"`
	VideoFormats       []string `json:"video_formats" example:"mp4,mov"`
} //@name FixedParameters

// Range is the values of a numeric parameter that are accepted, as decimals.
// The ends are equal where there is one legal value.
type Range struct {
	Min string `json:"min" format:"decimal" example:"0.95"`
	Max string `json:"max" format:"decimal" example:"0.95"`
} //@name Range

// Source is a page that figures beside prices and fees were read on.
type Source struct {
	Covers  string `json:"covers" example:"context"` // which figures
	URL     string `json:"url" example:"https://platform.kimi.com/docs/pricing/chat"`
	Checked string `json:"checked" format:"date" example:"2026-11-22"` // day the page was read
} //@name Source

func newModelList(b *pricing.Book) ModelList {
	models := b.Models()
	list := ModelList{Object: "list", Data: make([]Model, 0, len(models))}
	for _, m := range models {
		list.Data = append(list.Data, newModel(m))
	}
	return list
}

func newModel(m *pricing.Model) Model {
	out := Model{
		ID:                   m.ID,
		Object:               "model",
		OwnedBy:              "moonshot",
		ContextLength:        m.ContextLength,
		SupportsImageIn:      m.SupportsImageIn,
		SupportsVideoIn:      m.SupportsVideoIn,
		SupportsReasoning:    m.SupportsReasoning,
		Aliases:              listOf(m.Aliases),
		ContextCache:         m.ContextCache,
		DefaultMaxCompletion: m.DefaultMaxCompletion,
		FixedParameters:      newFixedParameters(&m.Params),
		Released:             day(m.Released),
		Retired:              day(m.Retired),
		Successor:            orNull(m.Successor),
		Prices:               newModelPrices(m.Prices),
		BatchFactor:          orNull(m.BatchFactor),
		Fees:                 newFees(m.Fees),
		Sources:              newSources(m.Sources),
		Notes:                listOf(m.Notes),
	}
	if !m.Released.IsZero() {
		out.Created = new(m.Released.Unix())
	}
	return out
}

func newFixedParameters(p *pricing.Params) FixedParameters {
	thinking := string(p.Thinking)
	if p.Thinking == pricing.ThinkingNone {
		thinking = "none"
	}
	return FixedParameters{
		Temperature:        newRange(p.Temperature),
		TemperatureNoThink: newRange(p.TemperatureNoThink),
		TopP:               newRange(p.TopP),
		N:                  newRange(p.N),
		PresencePenalty:    newRange(p.PresencePenalty),
		FrequencyPenalty:   newRange(p.FrequencyPenalty),
		Thinking:           thinking,
		ThinkingTypes:      listOf(p.ThinkingTypes),
		ThinkingKeep:       listOf(p.ThinkingKeep),
		ReasoningEffort:    listOf(p.ReasoningEffort),
		ReasoningOpen:      p.ReasoningOpen,
		ToolChoice:         listOf(p.ToolChoice),
		MaxTools:           orNull(p.MaxTools),
		MaxStop:            orNull(p.MaxStop),
		MaxStopBytes:       orNull(p.MaxStopBytes),
		MaxBodyBytes:       orNull(p.MaxBodyBytes),
		ImageFormats:       listOf(p.ImageFormats),
		VideoFormats:       listOf(p.VideoFormats),
	}
}

func newRange(f *pricing.Fixed) *Range {
	if f == nil {
		return nil
	}
	return &Range{Min: f.Min, Max: f.Max}
}

func newSources(sources []pricing.Source) []Source {
	out := make([]Source, 0, len(sources))
	for _, s := range sources {
		out = append(out, Source{Covers: s.Covers, URL: s.URL, Checked: s.Checked.Format(time.DateOnly)})
	}
	return out
}

// orNull is v, or nil where the catalogue's zero value says "not known".
func orNull[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}

// day is t as a date, nil when it is not known.
func day(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	return new(t.Format(time.DateOnly))
}

// listOf is s, but never null in JSON.
func listOf(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}
