package api_test

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"tollgate/api"
	"tollgate/pricing"
)

// bytesEach is a vocabulary in which every character is a token.
type bytesEach struct{}

func (bytesEach) Lengths(text string, _ *pricing.Model) []int {
	lengths := make([]int, 0, len(text))
	for _, r := range text {
		lengths = append(lengths, utf8.RuneLen(r))
	}
	return lengths
}

func withTokens(o *api.Options) { o.Tokens = bytesEach{} }

func TestThePlaygroundIsServedWholeFromTheBinary(t *testing.T) {
	t.Parallel()
	h := service(t, &fake{}, func(o *api.Options) { o.APIKeys = api.NewKeyring("key") }) // the page is open all the same
	page := call(t, h, http.MethodGet, "/playground", "")
	require.Equal(t, http.StatusOK, page.Code)
	require.Equal(t, "text/html; charset=utf-8", page.Header().Get("Content-Type"))
	require.NotRegexp(t, `<script>|<style|\sstyle=|\son\w+=|https?://`, page.Body.String(), "nothing inline, nothing from elsewhere")

	used := map[string]bool{"index.html": true}
	follow := regexp.MustCompile(`(?:(?:src|href)="playground/|from '\./)([\w.]+)`)
	for queue := follow.FindAllStringSubmatch(page.Body.String(), -1); len(queue) > 0; queue = queue[1:] {
		name := queue[0][1]
		if used[name] {
			continue
		}
		used[name] = true
		rec := call(t, h, http.MethodGet, "/playground/"+name, "")
		require.Equal(t, http.StatusOK, rec.Code, name)
		queue = append(queue, follow.FindAllStringSubmatch(rec.Body.String(), -1)...)
	}
	files, err := filepath.Glob("playground/*.[hcjs]*")
	require.NoError(t, err)
	for _, file := range files {
		require.True(t, used[filepath.Base(file)] || strings.HasSuffix(file, ".png"), "%s is served and not used", file)
	}
	require.Greater(t, len(used), 10)
}

func TestThePlaygroundMayRunItsOwnFilesOnly(t *testing.T) {
	t.Parallel()
	h := service(t, &fake{})
	for _, path := range []string{"/playground", "/playground/app.js", "/playground/style.css", "/playground/icon.svg"} {
		header := call(t, h, http.MethodGet, path, "").Header()
		policy := header.Get("Content-Security-Policy")
		require.Contains(t, policy, "default-src 'none'; script-src 'self'; style-src 'self';")
		require.Contains(t, policy, "frame-ancestors 'none'")
		require.NotContains(t, policy, "unsafe")
		require.Equal(t, "nosniff", header.Get("X-Content-Type-Options"))
		require.Equal(t, "no-referrer", header.Get("Referrer-Policy"))
	}
}

func TestThePlaygroundIsSentAgainOnlyWhenItChanged(t *testing.T) {
	t.Parallel()
	h := service(t, &fake{})
	first := call(t, h, http.MethodGet, "/playground/app.js", "")
	require.Equal(t, "no-cache", first.Header().Get("Cache-Control"))
	tag := first.Header().Get("ETag")
	require.NotEmpty(t, tag)
	again := call(t, h, http.MethodGet, "/playground/app.js", "", header("If-None-Match", tag))
	require.Equal(t, http.StatusNotModified, again.Code)
	require.Zero(t, again.Body.Len())
	require.Equal(t, http.StatusOK, call(t, h, http.MethodGet, "/playground/app.js", "", header("If-None-Match", `"older"`)).Code)
	require.NotEqual(t, tag, call(t, h, http.MethodGet, "/playground", "").Header().Get("ETag"))
}

func TestWhatIsNoPartOfThePlaygroundIsNotFound(t *testing.T) {
	t.Parallel()
	h := service(t, &fake{})
	for _, path := range []string{"/playground/nothing.js", "/playground/..%2fplayground.go", "/playground/a/b", "/playground/screenshot.png"} {
		rec := call(t, h, http.MethodGet, path, "")
		require.Equal(t, http.StatusNotFound, rec.Code, path)
		problemOf(t, rec)
	}
	require.Equal(t, "/playground", call(t, h, http.MethodGet, "/playground/", "").Header().Get("Location"))
}

func TestBothLanguagesOfThePlaygroundSayTheSameThings(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("playground/strings.js")
	require.NoError(t, err)
	english, chinese, ok := strings.Cut(string(source), "'zh-CN': {")
	require.True(t, ok)
	entry := regexp.MustCompile(`(?m)^    '([\w.]+)': '((?:[^'\\]|\\.)*)',$`)
	holes := regexp.MustCompile(`\{\w+\}`)
	table := func(text string) map[string]string {
		found := map[string]string{}
		for _, m := range entry.FindAllStringSubmatch(text, -1) {
			require.NotContains(t, found, m[1], "twice")
			found[m[1]] = m[2]
		}
		require.Equal(t, len(found), strings.Count(text, "\n    '"), "a line that this test does not read")
		return found
	}
	en, zh := table(english), table(chinese)
	require.Greater(t, len(en), 100)
	for key, text := range en {
		require.Contains(t, zh, key)
		require.ElementsMatch(t, holes.FindAllString(text, -1), holes.FindAllString(zh[key], -1), key)
	}
	require.Len(t, zh, len(en))

	page, err := os.ReadFile("playground/index.html")
	require.NoError(t, err)
	for _, m := range regexp.MustCompile(`data-i18n(?:-\w+)?="([^"]+)"`).FindAllStringSubmatch(string(page), -1) {
		require.Contains(t, en, m[1])
	}
}

func TestThePlaygroundNamesEveryFindingAndReason(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("playground/strings.js")
	require.NoError(t, err)
	var document struct {
		Components struct {
			Schemas map[string]struct {
				Properties map[string]struct {
					Enum []string `json:"enum"`
				} `json:"properties"`
			} `json:"schemas"`
		} `json:"components"`
	}
	rec := call(t, service(t, &fake{}), http.MethodGet, "/openapi.json", "")
	require.NoError(t, json.Unmarshal(rec.Body.Bytes(), &document))
	reasons := document.Components.Schemas["Reason"].Properties["code"].Enum
	require.NotEmpty(t, reasons)
	for _, code := range reasons {
		require.Contains(t, string(source), "'reason."+code+"'")
	}
	for _, parts := range document.Components.Schemas["Part"].Properties["part"].Enum {
		require.Contains(t, string(source), "'part."+parts+"'")
	}
	findings, err := os.ReadFile("../estimator/lint/finding.go")
	require.NoError(t, err)
	codes := regexp.MustCompile(`Code += "(\w+)"`).FindAllStringSubmatch(string(findings), -1)
	require.GreaterOrEqual(t, len(codes), 20)
	for _, code := range codes {
		require.Contains(t, string(source), "'finding."+code[1]+"'")
	}
}

func TestTheTokensOfARequestAreToldByTheirLengths(t *testing.T) {
	t.Parallel()
	h := service(t, &fake{}, withTokens)
	rec := call(t, h, http.MethodPost, "/playground/tokens", `{"model":"kimi-k2.6","messages":[
		{"role":"system","content":"ab"},
		{"role":"user","content":[{"type":"image_url","image_url":{"url":"ms://x"}},{"type":"text","text":"月é"}]},
		{"role":"assistant","content":null}]}`)
	require.Equal(t, http.StatusOK, rec.Code, rec.Body.String())
	var got api.TokenTexts
	decode(t, rec, &got)
	require.Equal(t, api.TokenTexts{Object: "token_texts", Vocabulary: true, Texts: []api.TokenText{
		{Pointer: "/messages/0/content", Lengths: []int{1, 1}},
		{Pointer: "/messages/1/content/1/text", Lengths: []int{3, 2}},
	}}, got)
	require.Equal(t, "no-store", rec.Header().Get("Cache-Control"))
}

func TestOnlyTheStartOfALongTextIsCutIntoTokens(t *testing.T) {
	t.Parallel()
	h := service(t, &fake{}, withTokens)
	long := strings.Repeat("月", 20_000) // three bytes each
	rec := call(t, h, http.MethodPost, "/playground/tokens",
		`{"model":"kimi-k2.6","messages":[{"role":"user","content":"`+long+`"},{"role":"user","content":"never reached"}]}`)
	require.Equal(t, http.StatusOK, rec.Code)
	var got api.TokenTexts
	decode(t, rec, &got)
	require.True(t, got.Truncated)
	require.Equal(t, 1, len(got.Texts)) // Len would print them all
	require.Equal(t, (32<<10)/3, len(got.Texts[0].Lengths), "whole characters")
}

func TestWithoutTheVocabularyThereAreNoTokensAndThatIsSaid(t *testing.T) {
	t.Parallel()
	rec := call(t, service(t, &fake{}), http.MethodPost, "/playground/tokens", hello)
	require.Equal(t, http.StatusOK, rec.Code)
	require.JSONEq(t, `{"object":"token_texts","vocabulary":false,"truncated":false,"texts":[]}`, rec.Body.String())
}

func TestTokensAreRefusedAsEstimatesAre(t *testing.T) {
	t.Parallel()
	keyed := service(t, &fake{}, withTokens, func(o *api.Options) { o.APIKeys = api.NewKeyring("key") })
	require.Equal(t, http.StatusUnauthorized, call(t, keyed, http.MethodPost, "/playground/tokens", hello).Code)
	require.Equal(t, http.StatusOK, call(t, keyed, http.MethodPost, "/playground/tokens", hello, header("Authorization", "Bearer key")).Code)
	h := service(t, &fake{}, withTokens)
	for body, status := range map[string]int{"{": 400, `{"model":"kimi-k9","messages":[]}`: 422, "{}": 422} {
		rec := call(t, h, http.MethodPost, "/playground/tokens", body)
		require.Equal(t, status, rec.Code, body)
		problemOf(t, rec)
	}
	require.Equal(t, http.StatusBadRequest, call(t, h, http.MethodPost, "/playground/tokens?max_cost=1", hello).Code)
	without := service(t, &fake{}, withTokens, func(o *api.Options) { o.Book = func() *pricing.Book { return nil } })
	require.Equal(t, http.StatusServiceUnavailable, call(t, without, http.MethodPost, "/playground/tokens", hello).Code)
}
