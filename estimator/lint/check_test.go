package lint_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/estimator/chat"
	"tollgate/estimator/lint"
)

// TestWhatTheVendorRefusesIsFound has a request for every way to be refused,
// and each must give its finding and no other.
func TestWhatTheVendorRefusesIsFound(t *testing.T) {
	t.Parallel()
	for _, tt := range append(refusedParameters(), refusedContent(t)...) {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			at := before
			if tt.code == lint.ModelRetired {
				at = after
			}
			m := *model(t, tt.model)
			if tt.code != lint.ModelRetired {
				m.Retired = time.Time{} // one finding a row
			}
			found := lint.Check(scan(t, tt.body), &m, at)
			require.Len(t, found, 1, "%+v", found)
			f := found[0]
			require.Equal(t, tt.code, f.Code)
			require.Equal(t, tt.severity, f.Severity)
			require.Equal(t, tt.pointer, f.Pointer)
			require.Contains(t, f.Message, tt.says)
			require.Contains(t, f.Fix, tt.fix)
			requireWellMade(t, f, tt.body)
		})
	}
}

// requireWellMade holds what every finding must keep.
func requireWellMade(t *testing.T, f lint.Finding, body string) {
	t.Helper()
	require.NotEmpty(t, f.Message)
	require.NotEmpty(t, f.Fix, "every finding says what to do")
	require.Contains(t, []lint.Severity{lint.Error, lint.Warning, lint.Info}, f.Severity)
	require.NotContains(t, f.Message+f.Fix, "Hello", "no text of the prompt")
	require.NotContains(t, f.Message+f.Fix, "What is this?")
	require.True(t, resolves(t, body, f.Pointer), "%s is not in the request", f.Pointer)
}

// TestEveryCodeHasAWayToBeFound fails when a code is added that no row of this
// package's tests produces.
func TestEveryCodeHasAWayToBeFound(t *testing.T) {
	t.Parallel()
	seen := map[lint.Code]bool{
		// Found by the functions that take counts, and by a literal request.
		lint.ContextWindowExceeded: true, lint.CountIncomplete: true, lint.VendorUnavailable: true, lint.BodyTooLarge: true,
	}
	for _, r := range append(refusedParameters(), refusedContent(t)...) {
		seen[r.code] = true
	}
	for _, code := range []lint.Code{
		lint.ParameterFixed, lint.ParameterDeprecated, lint.ThinkingInvalid, lint.ImageFormat, lint.VideoFormat, lint.MediaURL,
		lint.MediaUnreadable, lint.MediaResolution, lint.MediaUnsupported, lint.BodyTooLarge, lint.ContentEmpty,
		lint.ToolNameInvalid, lint.ToolsTooMany, lint.StopInvalid, lint.ToolChoiceThinking, lint.ContextWindowExceeded,
		lint.ThinkingBudgetSmall, lint.ModelRetired, lint.CountIncomplete, lint.VendorUnavailable,
	} {
		require.True(t, seen[code], code)
	}
}

func TestWhatTheVendorAcceptsIsNotFound(t *testing.T) {
	t.Parallel()
	small := picture(t, "png", 8, 8)
	for _, tt := range []struct{ name, model, body string }{
		{"nothing but a message", "kimi-k2.5", with("kimi-k2.5", "")},
		{"fixed values while thinking", "kimi-k2.5", with("kimi-k2.5", `"temperature":1,"top_p":0.95,"n":1,"presence_penalty":0,"frequency_penalty":0`)},
		{"other spellings of them", "kimi-k2.5", with("kimi-k2.5", `"temperature":10e-1,"top_p":9.50E-1,"n":1.0,"presence_penalty":-0.0,"frequency_penalty":0e99`)},
		{"fixed values while not thinking", "kimi-k2.5", with("kimi-k2.5", `"temperature":0.60,"thinking":{"type":"disabled"}`)},
		{"null parameters", "kimi-k2.5", with("kimi-k2.5", `"temperature":null,"n":null,"thinking":null,"stop":null,"max_tokens":null`)},
		{"ranges", "moonshot-v1-8k", with("moonshot-v1-8k", `"temperature":0.3,"top_p":1,"n":5,"presence_penalty":-2,"frequency_penalty":2.0`)},
		{"temperature of a model with none fixed", "kimi-k2-0905-preview", with("kimi-k2-0905-preview", `"temperature":0.6`)},
		{"thinking kept", "kimi-k2.6", with("kimi-k2.6", `"thinking":{"type":"enabled","keep":"all"}`)},
		{"thinking kept by default", "kimi-k2.6", with("kimi-k2.6", `"thinking":{"type":"enabled","keep":null}`)},
		{"effort", "kimi-k3", with("kimi-k3", `"reasoning_effort":"low"`)},
		{"effort of unknown values", "kimi-k3.1-pro", with("kimi-k3.1-pro", `"reasoning_effort":"medium"`)},
		{"a required tool on kimi-k3", "kimi-k3", with("kimi-k3", `"tool_choice":"required"`)},
		{"a required tool while not thinking", "kimi-k2.6", with("kimi-k2.6", `"tool_choice":"required","thinking":{"type":"disabled"}`)},
		{"five stop strings of 32 bytes", "kimi-k2.6", with("kimi-k2.6", `"stop":["`+strings.Repeat("x", 32)+`","2","3","4","5"]`)},
		{"room to think", "kimi-k2.6", with("kimi-k2.6", `"max_completion_tokens":16000`)},
		{"little room, but no thinking", "kimi-k2.6", with("kimi-k2.6", `"max_completion_tokens":10,"thinking":{"type":"disabled"}`)},
		{"128 tools", "kimi-k2.6", with("kimi-k2.6", tools(128))},
		{"names at the bounds", "kimi-k2.6", with("kimi-k2.6", `"tools":[{"type":"function","function":{"name":"_a-"}},{"type":"function","function":{"name":"`+strings.Repeat("Z", 64)+`"}}]`)},
		{"web search", "kimi-k2.6", with("kimi-k2.6", `"tools":[{"type":"builtin_function","function":{"name":"$web_search"}}]`)},
		{"assistant that called a tool", "kimi-k2.6", messages("kimi-k2.6", `{"role":"user","content":"Hi"},{"role":"assistant","content":null,"tool_calls":[{"id":"a:0","type":"function","function":{"name":"abc","arguments":"{}"}}]},{"role":"tool","tool_call_id":"a:0","content":"1"}`)},
		{"assistant to be continued", "kimi-k2.6", messages("kimi-k2.6", `{"role":"user","content":"Hi"},{"role":"assistant","name":"Kim","content":"","partial":true}`)},
		{"assistant that only thought", "kimi-k2.6", messages("kimi-k2.6", `{"role":"user","content":"Hi"},{"role":"assistant","content":"","reasoning_content":"Hm"},{"role":"user","content":"And?"}`)},
		{"tools in a system message", "kimi-k3", messages("kimi-k3", `{"role":"system","tools":[{"type":"function","function":{"name":"abc"}}]},{"role":"user","content":"Hi"}`)},
		{"image", "kimi-k2.6", part("kimi-k2.6", imagePart(data("image/png", small)))},
		{"image as a bare string", "kimi-k2.6", part("kimi-k2.6", `{"type":"image_url","image_url":"`+data("image/gif", picture(t, "gif", 8, 8))+`"}`)},
		{"image called jpg", "kimi-k2.6", part("kimi-k2.6", imagePart(data("image/jpg", picture(t, "jpeg", 8, 8))))},
		{"image at the bounds, turned", "kimi-k2.6", part("kimi-k2.6", imagePart(data("image/png", picture(t, "png", 2160, 4096))))},
		{"uploaded file", "kimi-k2.6", part("kimi-k2.6", `{"type":"video_url","video_url":{"url":"ms://d1q2"}}`)},
		{"image alone", "kimi-k2.6", messages("kimi-k2.6", `{"role":"user","content":[`+imagePart(data("image/png", small))+`]}`)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			require.Nil(t, lint.Check(scan(t, tt.body), model(t, tt.model), before.AddDate(0, -6, 0)))
		})
	}
}

func TestBodySizeIsHeldAgainstTheModel(t *testing.T) {
	t.Parallel()
	req := scan(t, with("kimi-k2.6", ""))
	req.Size = 100_000_000
	require.Nil(t, lint.Check(req, model(t, "kimi-k2.6"), after))
	req.Size++
	require.Equal(t, []lint.Finding{{
		Code: lint.BodyTooLarge, Severity: lint.Error,
		Message: "the body has 100000001 bytes; the vendor takes 100000000",
		Fix:     "upload images and videos as files and refer to them as ms://<file-id>",
	}}, lint.Check(req, model(t, "kimi-k2.6"), after))
}

func TestRequestWithoutMessagesIsFound(t *testing.T) {
	t.Parallel()
	found := lint.Check(&chat.Request{Model: "kimi-k2.6"}, model(t, "kimi-k2.6"), after)
	require.Len(t, found, 1)
	require.Equal(t, lint.ContentEmpty, found[0].Code)
	require.Equal(t, "/messages", found[0].Pointer)
}

func TestFindingsStandInTheOrderOfTheRequest(t *testing.T) {
	t.Parallel()
	body := `{"model":"kimi-k2.5","messages":[{"role":"user","content":""},{"role":"user","content":[` + imagePart("http://x/") + `]}],` +
		tool("a") + `,"tool_choice":"required","thinking":{"type":"x","keep":"y"},"reasoning_effort":"low","temperature":2,"n":3,"stop":"` +
		strings.Repeat("x", 40) + `","max_tokens":5}`
	var pointers []string
	for _, f := range lint.Check(scan(t, body), model(t, "kimi-k2.5"), after) {
		pointers = append(pointers, f.Pointer)
		requireWellMade(t, f, body)
	}
	require.Equal(t, []string{
		"/model", "/messages/0/content", "/messages/1/content/0/image_url", "/tools/0/function/name", "/tool_choice",
		"/thinking/type", "/thinking/keep", "/reasoning_effort", "/temperature", "/n", "/stop", "/max_tokens", "/max_tokens",
	}, pointers)
	first := lint.Check(scan(t, body), model(t, "kimi-k2.5"), after)
	require.Equal(t, first, lint.Check(scan(t, body), model(t, "kimi-k2.5"), after))
}

func TestFloodOfFindingsIsBoundedAndHidesNoError(t *testing.T) {
	t.Parallel()
	wrong := imagePart(data("image/png", picture(t, "gif", 8, 8)))
	body := messages("kimi-k2.6", strings.Repeat(`{"role":"user","content":""},`, 1000)+
		`{"role":"user","content":[`+strings.Repeat(wrong+",", 100)+imagePart(data("image/svg+xml", []byte(svg)))+`]}`)
	found := lint.Check(scan(t, body), model(t, "kimi-k2.6"), after)
	require.Len(t, found, 32+32+1)
	require.Contains(t, found[31].Message, "(more of the kind follow and are not listed)")
	require.NotContains(t, found[30].Message, "more of the kind")
	require.Equal(t, "/messages/31/content", found[31].Pointer)
	last := found[len(found)-1]
	require.Equal(t, lint.Error, last.Severity, "an error is not hidden by many warnings of its code")
	require.Equal(t, "/messages/1000/content/100/image_url", last.Pointer)
}

// TestCleanRequestCostsNoAllocation holds the hot path.
func TestCleanRequestCostsNoAllocation(t *testing.T) {
	req, m := scan(t, clean(t)), model(t, "kimi-k2.6")
	require.Zero(t, testing.AllocsPerRun(100, func() {
		if lint.Check(req, m, after) != nil {
			t.Fatal("the request is clean")
		}
	}))
}

func BenchmarkCheckClean(b *testing.B) {
	req, m := scan(b, clean(b)), model(b, "kimi-k2.6")
	b.ReportAllocs()
	for b.Loop() {
		if lint.Check(req, m, after) != nil {
			b.Fatal("the request is clean")
		}
	}
}
