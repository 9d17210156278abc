package lint_test

import (
	"strings"
	"testing"

	"tollgate/estimator/lint"
)

// row is a request and the one finding that it must give.
type row struct {
	name     string
	model    string
	body     string
	code     lint.Code
	severity lint.Severity
	pointer  string
	says     string // in the message
	fix      string // in the fix
}

func refusedParameters() []row {
	const fixed, thinking, choice = lint.ParameterFixed, lint.ThinkingInvalid, lint.ToolChoiceThinking
	return []row{
		{"temperature on kimi-k3", "kimi-k3", with("kimi-k3", `"temperature":0.7`), fixed, lint.Error, "/temperature", "only 1 ", "set temperature to 1"},
		{"temperature while thinking", "kimi-k2.5", with("kimi-k2.5", `"temperature":0.6`), fixed, lint.Error, "/temperature", "only 1 as temperature while thinking is on", "1"},
		{"temperature while not thinking", "kimi-k2.6", with("kimi-k2.6", `"temperature":1,"thinking":{"type":"disabled"}`), fixed, lint.Error, "/temperature", "only 0.6 as temperature while thinking is off", "0.6"},
		{"temperature a hair off", "kimi-k2.5", with("kimi-k2.5", `"temperature":1.00000000000000000001`), fixed, lint.Error, "/temperature", "only 1", "1"},
		{"top_p", "kimi-k2.5", with("kimi-k2.5", `"top_p":1`), fixed, lint.Error, "/top_p", "only 0.95", "0.95"},
		{"n", "kimi-k2.5", with("kimi-k2.5", `"n":2`), fixed, lint.Error, "/n", "only 1", "1"},
		{"presence_penalty", "kimi-k2.5", with("kimi-k2.5", `"presence_penalty":0.1`), fixed, lint.Error, "/presence_penalty", "only 0", "0"},
		{"frequency_penalty", "kimi-k2.7-code", with("kimi-k2.7-code", `"frequency_penalty":-1`), fixed, lint.Error, "/frequency_penalty", "only 0", "0"},
		{"temperature over a range", "moonshot-v1-8k", with("moonshot-v1-8k", `"temperature":1.01`), fixed, lint.Error, "/temperature", "values from 0 to 1", "values from 0 to 1"},
		{"penalty under a range", "moonshot-v1-8k", with("moonshot-v1-8k", `"presence_penalty":-2.5`), fixed, lint.Error, "/presence_penalty", "values from -2 to 2", ""},
		{"more answers than five", "kimi-k2-0905-preview", with("kimi-k2-0905-preview", `"n":6`), fixed, lint.Error, "/n", "values from 1 to 5", ""},
		{"max_tokens", "kimi-k2.6", with("kimi-k2.6", `"max_tokens":20000`), lint.ParameterDeprecated, lint.Info, "/max_tokens", "deprecated", "max_completion_tokens"},
		{"max_tokens against its successor", "kimi-k2.6", with("kimi-k2.6", `"max_tokens":1,"max_completion_tokens":20000`), lint.ParameterDeprecated, lint.Warning, "/max_tokens", "differs", "leave max_tokens out"},
		{"thinking off on kimi-k2.7-code", "kimi-k2.7-code", with("kimi-k2.7-code", `"thinking":{"type":"disabled"}`), thinking, lint.Error, "/thinking/type", `only "enabled"`, `"enabled"`},
		{"adaptive thinking", "kimi-k2.5", with("kimi-k2.5", `"thinking":{"type":"adaptive"}`), thinking, lint.Error, "/thinking/type", `only "enabled" or "disabled"`, `"disabled"`},
		{"thinking sent to kimi-k3", "kimi-k3", with("kimi-k3", `"thinking":{"type":"enabled"}`), thinking, lint.Error, "/thinking", "does not take", "reasoning_effort"},
		{"thinking sent to a model that does not think", "moonshot-v1-8k", with("moonshot-v1-8k", `"thinking":{"type":"enabled"}`), thinking, lint.Warning, "/thinking", "does not think", "leave thinking out"},
		{"thinking sent to kimi-k2-thinking", "kimi-k2-thinking", with("kimi-k2-thinking", `"thinking":{"type":"disabled"}`), thinking, lint.Warning, "/thinking/type", "not known", "leave thinking out"},
		{"keep on kimi-k2.5", "kimi-k2.5", with("kimi-k2.5", `"thinking":{"type":"enabled","keep":"all"}`), thinking, lint.Warning, "/thinking/keep", "not known to keep", "leave thinking.keep out"},
		{"keep some on kimi-k2.6", "kimi-k2.6", with("kimi-k2.6", `"thinking":{"keep":"some"}`), thinking, lint.Error, "/thinking/keep", `only "all"`, `"all"`},
		{"effort on kimi-k2.6", "kimi-k2.6", with("kimi-k2.6", `"reasoning_effort":"high"`), thinking, lint.Warning, "/reasoning_effort", "does not take", "leave reasoning_effort out"},
		{"medium effort on kimi-k3", "kimi-k3", with("kimi-k3", `"reasoning_effort":"medium"`), thinking, lint.Warning, "/reasoning_effort", `"low", "high" or "max"`, `"low"`},
		{"tool_choice required while thinking", "kimi-k2.6", with("kimi-k2.6", `"tool_choice":"required"`), choice, lint.Error, "/tool_choice", `"auto" or "none"`, `"disabled"`},
		{"tool_choice of a function while thinking", "kimi-k2.5", with("kimi-k2.5", `"tool_choice":{"type":"function","function":{"name":"f_1"}}`), choice, lint.Error, "/tool_choice", "while it thinks", `"auto"`},
		{"tool_choice of a function on kimi-k3", "kimi-k3", with("kimi-k3", `"tool_choice":{"type":"function","function":{"name":"f_1"}}`), choice, lint.Error, "/tool_choice", `"required"`, "set tool_choice"},
		{"six stop strings", "kimi-k2.6", with("kimi-k2.6", `"stop":["1","2","3","4","5","6"]`), lint.StopInvalid, lint.Error, "/stop", "6 stop strings", "at most 5"},
		{"a long stop string", "kimi-k2.6", with("kimi-k2.6", `"stop":["ok","`+strings.Repeat("x", 33)+`"]`), lint.StopInvalid, lint.Error, "/stop/1", "33 bytes", "32 bytes"},
		{"an array of one long stop string", "kimi-k2.6", with("kimi-k2.6", `"stop":["`+strings.Repeat("x", 33)+`"]`), lint.StopInvalid, lint.Error, "/stop/0", "33 bytes", "32 bytes"},
		{"bytes count, not characters", "kimi-k2.6", with("kimi-k2.6", `"stop":"停停停停停停停停停停停"`), lint.StopInvalid, lint.Error, "/stop", "33 bytes", ""},
		{"little room to think", "kimi-k2.6", with("kimi-k2.6", `"max_completion_tokens":15999`), lint.ThinkingBudgetSmall, lint.Warning, "/max_completion_tokens", "16000", `"disabled"`},
		{"little room to think on a model that always does", "kimi-k3", with("kimi-k3", `"max_completion_tokens":100`), lint.ThinkingBudgetSmall, lint.Warning, "/max_completion_tokens", "thinking counts as output", "16000 or more"},
	}
}

func refusedContent(tb testing.TB) []row {
	tb.Helper()
	small, large, tall := picture(tb, "png", 8, 8), picture(tb, "png", 4097, 8), picture(tb, "png", 2161, 4000)
	return []row{
		{"a retired model", "kimi-k2.5", with("kimi-k2.5", ""), lint.ModelRetired, lint.Warning, "/model", "since 2026-08-31", "kimi-k2.6"},
		{"a retired model without successor", "kimi-thinking-preview", with("kimi-thinking-preview", ""), lint.ModelRetired, lint.Warning, "/model", "since 2025-11-11", "catalogue"},
		{"empty user message", "kimi-k2.6", messages("kimi-k2.6", `{"role":"user","content":""}`), lint.ContentEmpty, lint.Error, "/messages/0/content", "no content", "leave the message out"},
		{"null system message", "kimi-k2.6", messages("kimi-k2.6", `{"role":"system","content":null},{"role":"user","content":"Hi"}`), lint.ContentEmpty, lint.Error, "/messages/0/content", "no content", ""},
		{"user message without content", "kimi-k2.6", messages("kimi-k2.6", `{"role":"user"}`), lint.ContentEmpty, lint.Error, "/messages/0", "no content", ""},
		{"no parts", "kimi-k2.6", messages("kimi-k2.6", `{"role":"user","content":[]}`), lint.ContentEmpty, lint.Error, "/messages/0/content", "no content", ""},
		{"empty parts", "kimi-k2.6", messages("kimi-k2.6", `{"role":"user","content":[{"type":"text","text":""}]}`), lint.ContentEmpty, lint.Error, "/messages/0/content", "no content", ""},
		{"empty tool result", "kimi-k2.6", messages("kimi-k2.6", `{"role":"tool","tool_call_id":"a:0","content":""}`), lint.ContentEmpty, lint.Error, "/messages/0/content", "tool call", "no output"},
		{"assistant that said nothing", "kimi-k2.6", messages("kimi-k2.6", `{"role":"user","content":"Hi"},{"role":"assistant","content":""}`), lint.ContentEmpty, lint.Error, "/messages/1/content", "no content", ""},
		{"tools in a system message before kimi-k3", "kimi-k2.6", messages("kimi-k2.6", `{"role":"system","tools":[{"type":"function","function":{"name":"abc"}}]},{"role":"user","content":"Hi"}`), lint.ContentEmpty, lint.Error, "/messages/0", "no content", ""},
		{"a name too short", "kimi-k2.6", with("kimi-k2.6", tool("ab")), lint.ToolNameInvalid, lint.Error, "/tools/0/function/name", "refuses the name", "3 to 64"},
		{"a name too long", "kimi-k2.6", with("kimi-k2.6", tool(strings.Repeat("a", 65))), lint.ToolNameInvalid, lint.Error, "/tools/0/function/name", "", ""},
		{"a name that begins with a digit", "kimi-k2.6", with("kimi-k2.6", tool("3abc")), lint.ToolNameInvalid, lint.Error, "/tools/0/function/name", "", ""},
		{"a name with a dot", "kimi-k2.6", with("kimi-k2.6", tool("get.weather")), lint.ToolNameInvalid, lint.Error, "/tools/0/function/name", "", ""},
		{"a name with a letter of two bytes", "kimi-k2.6", with("kimi-k2.6", tool("größe")), lint.ToolNameInvalid, lint.Error, "/tools/0/function/name", "", ""},
		{"a function without a name", "kimi-k2.6", with("kimi-k2.6", `"tools":[{"type":"function","function":{"description":"d"}}]`), lint.ToolNameInvalid, lint.Error, "/tools/0/function", "no name", ""},
		{"a tool without a function", "kimi-k2.6", with("kimi-k2.6", `"tools":[{"type":"function"}]`), lint.ToolNameInvalid, lint.Error, "/tools/0", "no function", ""},
		{"a bad name in a system message", "kimi-k3", messages("kimi-k3", `{"role":"system","tools":[{"type":"function","function":{"name":"abc"}},{"type":"function","function":{"name":"a"}}]},{"role":"user","content":"Hi"}`), lint.ToolNameInvalid, lint.Error, "/messages/0/tools/1/function/name", "", ""},
		{"129 tools", "kimi-k2.6", with("kimi-k2.6", tools(129)), lint.ToolsTooMany, lint.Error, "/tools", "129 tools", "128"},
		{"svg", "kimi-k2.6", part("kimi-k2.6", imagePart(data("image/svg+xml", []byte(svg)))), lint.ImageFormat, lint.Error, "/messages/0/content/1/image_url", "svg; kimi-k2.6 takes png, jpeg, webp, gif", "convert it to png"},
		{"text for an image", "kimi-k2.6", part("kimi-k2.6", imagePart(data("image/png", []byte("hello, this is text and no image")))), lint.ImageFormat, lint.Error, "/messages/0/content/1/image_url", "of no known format", "convert"},
		{"bmp", "kimi-k2.6", part("kimi-k2.6", imagePart(data("image/bmp", append([]byte("BM\x46\x00\x00\x00\x00\x00\x00\x00\x36\x00\x00\x00\x28\x00\x00\x00"), make([]byte, 64)...)))), lint.ImageFormat, lint.Error, "/messages/0/content/1/image_url", "bmp", "convert"},
		{"an image for a video", "kimi-k2.6", part("kimi-k2.6", `{"type":"video_url","video_url":{"url":"`+data("video/mp4", small)+`"}}`), lint.VideoFormat, lint.Error, "/messages/0/content/1/video_url", "png; kimi-k2.6 takes mp4", "convert it to mp4"},
		{"a jpeg that is called png", "kimi-k2.6", part("kimi-k2.6", imagePart(data("image/png", picture(tb, "jpeg", 8, 8)))), lint.ImageFormat, lint.Warning, "/messages/0/content/1/image_url", "which is jpeg", "data:image/jpeg;base64,"},
		{"a public URL", "kimi-k2.6", part("kimi-k2.6", imagePart("https://example.com/a.png")), lint.MediaURL, lint.Error, "/messages/0/content/1/image_url", "fetches nothing", "ms://<file-id>"},
		{"a public URL as a bare string", "kimi-k2.6", part("kimi-k2.6", `{"type":"video_url","video_url":"http://example.com/a.mp4"}`), lint.MediaURL, lint.Error, "/messages/0/content/1/video_url", "the video is neither", "data:video/"},
		{"a URL in a part of another type", "kimi-k2.6", part("kimi-k2.6", `{"type":"file","video_url":"http://example.com/a.mp4"}`), lint.MediaURL, lint.Error, "/messages/0/content/1/video_url", "the video is neither", ""},
		{"an image part without a URL", "kimi-k2.6", part("kimi-k2.6", `{"type":"image_url"}`), lint.MediaURL, lint.Error, "/messages/0/content/1", "no URL of the image", "data:image/"},
		{"a video part without a URL", "kimi-k2.6", part("kimi-k2.6", `{"type":"video_url"}`), lint.MediaURL, lint.Error, "/messages/0/content/1", "no URL of the video", "data:video/"},
		{"a file id without an id", "kimi-k2.6", part("kimi-k2.6", imagePart("ms://")), lint.MediaURL, lint.Error, "/messages/0/content/1/image_url", "", ""},
		{"an image cut off", "kimi-k2.6", part("kimi-k2.6", imagePart(data("image/png", small[:20]))), lint.MediaUnreadable, lint.Error, "/messages/0/content/1/image_url", "broken", "whole file"},
		{"an image that is no base64", "kimi-k2.6", part("kimi-k2.6", imagePart("data:image/png;base64,iVBOR!!!!")), lint.MediaUnreadable, lint.Error, "/messages/0/content/1/image_url", "broken", "base64"},
		{"an image too wide", "kimi-k2.6", part("kimi-k2.6", imagePart(data("image/png", large))), lint.MediaResolution, lint.Warning, "/messages/0/content/1/image_url", "4097x8", "4096x2160"},
		{"an image too wide when turned", "kimi-k2.6", part("kimi-k2.6", imagePart(data("image/png", tall))), lint.MediaResolution, lint.Warning, "/messages/0/content/1/image_url", "2161x4000", "4096x2160"},
		{"an image for a model without eyes", "moonshot-v1-8k", part("moonshot-v1-8k", imagePart(data("image/png", small))), lint.MediaUnsupported, lint.Error, "/messages/0/content/1", "no image input", "catalogue"},
		{"a video for a model that sees images", "moonshot-v1-8k-vision-preview", part("moonshot-v1-8k-vision-preview", `{"type":"video_url","video_url":{"url":"ms://abc"}}`), lint.MediaUnsupported, lint.Error, "/messages/0/content/1", "no video input", "single frames"},
	}
}
