//go:build browser

package api_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"image"
	"image/png"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"

	"tollgate/api"
)

// settled is true once the page shows the answer to what it holds.
const settled = `document.getElementById('estimate').hidden === false &&
	document.getElementById('estimate').getAttribute('aria-busy') === 'false'`

// playground opens the page and waits for its first estimate.
func playground(t *testing.T, vocabulary bool, expected ...string) *page {
	t.Helper()
	p := browse(t, running(t, vocabulary), "/playground", expected...)
	p.until(settled + ` && document.getElementById('cut').children.length > 0`)
	return p
}

// shows waits until an element shows exactly a text.
func (p *page) shows(selector, text string) {
	p.t.Helper()
	p.until(fmt.Sprintf(`document.querySelector(%s)?.innerText.trim() === %s`, quoted(selector), quoted(text)))
}

// says waits until an element has a text in it.
func (p *page) says(selector, part string) {
	p.t.Helper()
	p.until(fmt.Sprintf(`document.querySelector(%s)?.innerText.includes(%s)`, quoted(selector), quoted(part)))
}

func TestThePlaygroundCountsWhatIsTyped(t *testing.T) {
	t.Parallel()
	p := playground(t, true)
	p.fill("#prompt", "")
	p.click("#prompt")
	p.press("Hello")
	p.shows("#tokens", "9")
	p.shows("#bounds", "exact · vocabulary")
	p.shows("#decision", "Allowed")
	p.says("#cut-count", "1 token")
	p.press(", world! The quick brown fox.")
	p.until(`document.querySelectorAll('#cut pre span').length > 8`)
	require.Equal(t, "Hello, world! The quick brown fox.", value[string](p, `document.querySelector('#cut pre').textContent`))
	p.says("#status", "prompt tokens")

	p.fill("#prompt", "月之暗面科技有限公司 🚀 龘")
	p.until(`document.querySelector('#cut pre')?.textContent === '月之暗面科技有限公司 🚀 龘'`)
	require.Positive(t, value[int](p, `document.querySelectorAll('#cut [data-n]').length`), "tokens that share a character are one piece")
	p.shot("chinese-text")
}

func TestThePlaygroundWorksWithoutTheVocabulary(t *testing.T) {
	t.Parallel()
	p := playground(t, false)
	p.says("#bounds", "approximation")
	p.says("#bounds", " to ")
	p.says("#cut", "tollgate vocab pull")
	p.shot("without-vocabulary")
}

func TestThePlaygroundPointsAtWhatIsWrongWithARequest(t *testing.T) {
	t.Parallel()
	p := playground(t, false, "status of 422", "status of 400")
	p.click("#tab-json")
	require.Contains(t, value[string](p, `document.getElementById('json').value`), `"model": "kimi-k2.6"`)

	p.fill("#json", "{\n  \"model\": \"kimi-k2.6\",\n  \"messages\": [}\n")
	p.says("#json-error", "line 3, column 16")
	require.Equal(t, "true", value[string](p, `document.getElementById('json').getAttribute('aria-invalid')`))
	require.True(t, value[bool](p, `document.getElementById('estimate').classList.contains('stale')`), "what is shown is of the text before")

	p.fill("#json", `{"model": "kimi-k9", "messages": [{"role": "user", "content": "Hi"}]}`)
	p.says("#problem", "unknown model")
	p.shot("unknown-model")

	p.fill("#json", `{"model": "kimi-k2.6", "messages": [{"role": "user", "content": "Hi"}], "temperature": 0.3}`)
	p.says("#findings", "Fixed parameter")
	p.shows("#decision", "Denied")
	p.click("#findings button")
	require.Equal(t, "0.3", value[string](p, `(() => { const e = document.activeElement; return e.value.slice(e.selectionStart, e.selectionEnd); })()`))
	p.shot("findings")

	p.fill("#json", `{"model": "kimi-k2.6", "messages": [{"role": 5}]}`)
	p.says("#problem-errors", "/messages/0/role")
}

func TestThePlaygroundSaysWhichOptionIsWrong(t *testing.T) {
	t.Parallel()
	p := playground(t, false)
	p.fill("#max_cost", "much")
	p.says("#max_cost-error", "number")
	p.fill("#max_cost", "")
	p.fill("#cached_share", "130")
	p.says("#cached_share-error", "0 to 100")
	p.fill("#cached_share", "12,5")
	p.until(`document.getElementById('cached_share-error').hidden && document.getElementById('snippet').textContent.includes('cached_share=0.125')`)
	p.fill("#currency", "USD")
	p.says("#cost", "$")
}

func TestThePlaygroundSaysWhatABudgetAllows(t *testing.T) {
	t.Parallel()
	p := playground(t, false)
	p.fill("#example", "budget")
	p.shows("#decision", "Allowed with a cap")
	p.says("#reasons", "Over the budget")
	p.says("#cap", "max_completion_tokens")
	p.shot("over-budget")
	p.click("#cap-use")
	p.shows("#decision", "Allowed")
	p.fill("#max_cost", "0.0000001")
	p.shows("#decision", "Denied")
}

func TestThePlaygroundComparesModels(t *testing.T) {
	t.Parallel()
	p := playground(t, false)
	p.until(`document.querySelectorAll('#compare tbody tr').length >= 4`)
	p.says("#compare tr.this", "kimi-k2.6")
	p.says("#compare", "kimi-k3")
	p.do(scrollTo("#compare"))
	p.click("#compare-models-fold summary")
	p.click(`#compare-models input[value="moonshot-v1-8k"]`)
	p.says("#compare", "moonshot-v1-8k")
	p.click(`#compare-models input[value="moonshot-v1-8k"]`)
	p.until(`!document.getElementById('compare').innerText.includes('moonshot-v1-8k')`)
	p.fill("#model", "kimi-k3")
	p.says("#compare tr.this", "kimi-k3")
}

// picture is a PNG of some size.
func picture(t *testing.T, width, height int) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, png.Encode(&b, image.NewGray(image.Rect(0, 0, width, height))))
	return b.Bytes()
}

// drop drops a file on the page.
func (p *page) drop(name, mediaType string, content []byte) {
	p.t.Helper()
	value[bool](p, fmt.Sprintf(`(() => {
		const bytes = Uint8Array.from(atob(%s), (c) => c.charCodeAt(0));
		const dataTransfer = new DataTransfer();
		dataTransfer.items.add(new File([bytes], %s, {type: %s}));
		return document.body.dispatchEvent(new DragEvent('drop', {dataTransfer, bubbles: true, cancelable: true}));
	})()`, quoted(base64.StdEncoding.EncodeToString(content)), quoted(name), quoted(mediaType)))
}

func TestThePlaygroundTakesAnImage(t *testing.T) {
	t.Parallel()
	p := playground(t, false)
	before := value[int](p, `Number(document.getElementById('tokens').innerText)`)
	p.drop("a photo.png", "image/png", picture(t, 640, 480))
	p.says("#media", "a photo.png")
	p.until(fmt.Sprintf(`Number(document.getElementById('tokens').innerText) > %d`, before+100))
	p.shot("image")

	p.click("#tab-json")
	request := value[string](p, `document.getElementById('json').value`)
	require.Contains(t, request, "data:image/png;base64,{{a-photo.png}}")
	require.Less(t, len(request), 1000, "no base64")
	p.drop("second.png", "image/png", picture(t, 64, 64))
	p.until(`document.querySelectorAll('#media li').length === 2 && document.getElementById('json').value.includes('{{second.png}}')`)
	p.click(`#media li button[aria-label="Remove second.png"]`)
	p.until(`!document.getElementById('json').value.includes('second.png') && document.querySelectorAll('#media li').length === 1`)
	p.click("#tab-prompt")
	p.click(`#media li button`)
	p.shows("#tokens", fmt.Sprint(before))

	p.drop("notes.txt", "text/plain", []byte("hello"))
	p.says("#media-error", "neither an image nor a video")
}

func TestThePlaygroundTakesAVideo(t *testing.T) {
	t.Parallel()
	p := playground(t, false)
	film, err := os.ReadFile("../estimator/media/testdata/h264-moov-first.mp4")
	require.NoError(t, err)
	p.drop("film.mp4", "video/mp4", film)
	p.says("#media", "film.mp4")
	p.says("#parts", "media")
	p.says("#snippet", `"video_url"`)
	require.NotContains(t, p.text("#findings"), "Video format")
}

func TestThePlaygroundIsNotFrozenByALargeFile(t *testing.T) {
	t.Parallel()
	p := playground(t, false)
	large := func(name string, bytes int) {
		value[bool](p, fmt.Sprintf(`(() => {
			const dataTransfer = new DataTransfer();
			dataTransfer.items.add(new File([new Uint8Array(%d)], %s, {type: 'video/mp4'}));
			return document.body.dispatchEvent(new DragEvent('drop', {dataTransfer, bubbles: true, cancelable: true}));
		})()`, bytes, quoted(name)))
	}
	large("film.mp4", 80e6)
	p.says("#media-error", "80 MB")
	large("clip.mp4", 12e6)
	p.says("#media", "16 MB in the request")
	p.says("#manual", "16 MB")
	p.fill("#prompt", "What happens here?")
	p.until(`document.getElementById('manual').hidden === false`)
	p.click("#run")
	p.says("#findings", "video")
	p.shot("large-file")
}

func TestARequestPastedIntoThePlaygroundIsTakenApart(t *testing.T) {
	t.Parallel()
	p := playground(t, false)
	url := "data:image/png;base64," + base64.StdEncoding.EncodeToString(picture(t, 1200, 900))
	require.Greater(t, len(url), 1000)
	request := fmt.Sprintf(`{"model":"kimi-k2.6","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"%s"}},{"type":"text","text":"What is it?"}]}]}`, url)
	value[bool](p, fmt.Sprintf(`(() => {
		const clipboardData = new DataTransfer();
		clipboardData.setData('text/plain', %s);
		return document.getElementById('prompt').dispatchEvent(new ClipboardEvent('paste', {clipboardData, bubbles: true, cancelable: true}));
	})()`, quoted(request)))
	p.until(`document.getElementById('tab-json').getAttribute('aria-selected') === 'true'`)
	p.until(`document.getElementById('json').value.includes('{{pasted-image.png}}')`)
	p.says("#media", "pasted-image.png")
	p.until(`Number(document.getElementById('tokens').innerText.replace(',', '')) > 1000`)
}

func TestThePlaygroundAsksForAKeyAndKeepsItToItself(t *testing.T) {
	t.Parallel()
	p := browse(t, running(t, false, func(o *api.Options) { o.APIKeys = api.NewKeyring("a-key-of-the-service") }),
		"/playground", "status of 401", "status of 403")
	p.until(`!document.getElementById('key-form').hidden && document.activeElement.id === 'key'`)
	p.press("wrong" + kb.Enter)
	p.says("#key-error", "refused")
	p.shot("key")
	p.press("a-key-of-the-service" + kb.Enter)
	p.until(settled + ` && document.getElementById('key-form').hidden`)
	require.Contains(t, p.text("#snippet"), "Bearer $TOLLGATE_KEY")
	require.NotContains(t, value[string](p, `document.documentElement.outerHTML + JSON.stringify(localStorage) + JSON.stringify(sessionStorage) + document.getElementById('key').value`),
		"a-key-of-the-service")
}

func TestThePlaygroundAsksTheVendorForTheRequestOnly(t *testing.T) {
	t.Parallel()
	counted, vendor := withVendor(t, time.Minute)
	p := browse(t, running(t, false, func(o *api.Options) { o.Estimator, o.KeepBody, o.BatchWorkers = counted, true, 1 }), "/playground")
	p.until(settled + ` && document.querySelectorAll('#compare tbody tr').length >= 4`)
	p.says("#compare-local", "Counted by this service alone")
	require.NotEmpty(t, vendor.Calls())
	for _, asked := range vendor.Calls() {
		require.Equal(t, "kimi-k2.6", asked.Model, "no other model is asked for")
	}
}

func TestThePlaygroundSaysInPlaceWhatIsMissingBesideAnEstimate(t *testing.T) {
	t.Parallel()
	h := running(t, false)
	p := browse(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/playground/tokens" || r.URL.Path == "/v1/estimate/compare" {
			w.Header().Set("Content-Type", "application/problem+json")
			w.WriteHeader(http.StatusTooManyRequests)
			_, _ = w.Write([]byte(`{"detail":"too many requests"}`))
			return
		}
		h.ServeHTTP(w, r)
	}), "/playground", "status of 429")
	p.says("#compare", "too many requests")
	p.says("#cut", "too many requests")
	p.shows("#decision", "Allowed")
}

func TestThePlaygroundReadsATextOfMegabytes(t *testing.T) {
	t.Parallel()
	p := playground(t, false)
	p.click("#tab-json")
	value[bool](p, `(() => { const e = document.getElementById('json');
		e.value = JSON.stringify({model: 'kimi-k2.6', messages: [{role: 'user', content: 'a "quoted" word\n'.repeat(150_000)}]});
		return e.dispatchEvent(new Event('input', {bubbles: true})); })()`)
	p.says("#findings", "Over the context window")
	p.says("#decision", "Denied")
	p.says("#legend", "Over")
}
