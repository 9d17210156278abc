//go:build browser

package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/api"
	"tollgate/openapi"
)

// operation is what the page shows of an operation of the document.
type operation struct {
	block    string // CSS selector
	method   string
	examples map[string]json.RawMessage // of a JSON body
}

// operations reads the operations of the published document.
func operations(t *testing.T) map[string]operation {
	t.Helper()
	var document struct {
		Paths map[string]map[string]struct {
			ID          string   `json:"operationId"`
			Tags        []string `json:"tags"`
			RequestBody struct {
				Content map[string]struct {
					Examples map[string]struct {
						Value json.RawMessage `json:"value"`
					} `json:"examples"`
				} `json:"content"`
			} `json:"requestBody"`
		} `json:"paths"`
	}
	require.NoError(t, json.Unmarshal(openapi.JSON(), &document))
	found := map[string]operation{}
	for _, item := range document.Paths {
		for method, o := range item {
			op := operation{
				block: fmt.Sprintf(`[id="operations-%s-%s"]`, o.Tags[0], o.ID), method: method, examples: map[string]json.RawMessage{},
			}
			for name, e := range o.RequestBody.Content["application/json"].Examples {
				op.examples[name] = e.Value
			}
			found[o.ID] = op
		}
	}
	return found
}

// tap clicks on an element by script once it is there, which takes no look at a
// page that is long and slow to lay out.
func (p *page) tap(selector string) {
	p.t.Helper()
	p.until(`document.querySelector(` + quoted(selector) + `)`)
	value[bool](p, `(document.querySelector(`+quoted(selector)+`).click(), true)`)
}

// open unfolds an operation.
func (p *page) open(op operation) {
	p.t.Helper()
	p.tap(op.block + " .opblock-summary-control")
	p.until(`document.querySelector(` + quoted(op.block+` .opblock-body`) + `)`)
}

// execute sends the request of an operation that is being tried out, and
// returns the status and the body of the answer.
func (p *page) execute(op operation) (status, body string) {
	p.t.Helper()
	p.tap(op.block + " .execute")
	p.until(`document.querySelector(` + quoted(op.block+` .live-responses-table .response-col_status`) + `) &&
		!document.querySelector(` + quoted(op.block+` .loading-container`) + `)`)
	status = strings.TrimSpace(p.text(op.block + " .live-responses-table tbody .response-col_status"))
	status, _, _ = strings.Cut(status, "\n")
	return status, p.text(op.block + " .live-responses-table tbody .microlight")
}

func TestEveryExampleOfTheSwaggerPageExecutes(t *testing.T) {
	t.Parallel()
	h := running(t, false)
	p := browse(t, h, "/swagger/index.html", "status of 4") // some examples are refused, as they say
	p.until(`document.querySelectorAll('.opblock').length > 0`)
	all := operations(t)
	require.Equal(t, len(all), value[int](p, `document.querySelectorAll('.opblock').length`))
	estimate := all["createEstimate"]
	p.open(estimate)
	p.click(estimate.block + " .try-out__btn")
	require.GreaterOrEqual(t, len(estimate.examples), 6)
	for name, body := range estimate.examples {
		picker := estimate.block + " .opblock-section-request-body .examples-select-element"
		value[bool](p, fmt.Sprintf(`(() => { const e = document.querySelector(%s);
			Object.getOwnPropertyDescriptor(HTMLSelectElement.prototype, 'value').set.call(e, %s);
			return e.dispatchEvent(new Event('change', {bubbles: true})); })()`, quoted(picker), quoted(name)))
		p.until(fmt.Sprintf(`(() => { try { return JSON.stringify(JSON.parse(document.querySelector(%s).value)) === JSON.stringify(%s); } catch { return false; } })()`,
			quoted(estimate.block+" textarea.body-param__text"), body))
		shown := value[string](p, `document.querySelector(`+quoted(estimate.block+" textarea.body-param__text")+`).value`)
		require.JSONEq(t, string(body), shown)

		want := call(t, h, http.MethodPost, "/v1/estimate", string(body))
		status, answer := p.execute(estimate)
		require.Equal(t, strconv.Itoa(want.Code), status, "%s: %s", name, answer)
		require.Contains(t, answer, map[bool]string{true: `"object": "estimate"`, false: `"type": "/problems/`}[want.Code == http.StatusOK], name)
		p.tap(estimate.block + " .btn-clear")
	}
	p.shot("swagger")
}

func TestEveryOperationOfTheSwaggerPageOpens(t *testing.T) {
	t.Parallel()
	p := browse(t, running(t, false, func(o *api.Options) { o.Metrics = &recorder{} }), "/swagger/index.html")
	p.until(`document.querySelectorAll('.opblock').length > 0`)
	for id, op := range operations(t) {
		p.open(op)
		p.tap(op.block + " .try-out__btn")
		if op.method == "get" && id != "getModel" { // whose id has to be filled in
			p.tap(op.block + " .execute")
			p.until(`document.querySelector(` + quoted(op.block+` .live-responses-table .response-col_status`) + `)`)
			require.Contains(t, p.text(op.block+" .live-responses-table tbody .response-col_status"), "200", id)
		}
		p.tap(op.block + " .opblock-summary-control")
	}
}

func TestTheSwaggerPageTakesAKey(t *testing.T) {
	t.Parallel()
	p := browse(t, running(t, false, func(o *api.Options) { o.APIKeys = api.NewKeyring("a-key-of-the-service") }),
		"/swagger/index.html", "status of 401")
	p.until(`document.querySelectorAll('.opblock').length > 0`)
	estimate := operations(t)["createEstimate"]
	p.open(estimate)
	p.click(estimate.block + " .try-out__btn")
	status, answer := p.execute(estimate)
	require.Equal(t, "401", status)
	require.Contains(t, answer, "key_missing")

	p.click(".auth-wrapper .authorize")
	p.until(`document.querySelector('.auth-container input')`)
	p.click(".auth-container input")
	p.press("a-key-of-the-service")
	p.click(".auth-btn-wrapper .authorize")
	p.click(".auth-btn-wrapper .btn-done")
	status, answer = p.execute(estimate)
	require.Equal(t, "200", status, answer)
	require.NotContains(t, value[string](p, `JSON.stringify(localStorage) + JSON.stringify(sessionStorage)`), "a-key-of-the-service")
}

func TestAHostileFirstRequestDoesNotBlankTheSwaggerPageInABrowser(t *testing.T) {
	t.Parallel()
	h := running(t, false)
	for _, first := range []string{"/swagger/x/index.html", "/swagger//index.html", "/swagger/?index.html"} {
		call(t, h, http.MethodGet, first, "")
	}
	p := browse(t, h, "/swagger/index.html?url=https://example.com/x.json&configUrl=https://example.com/c.json")
	p.until(`document.querySelectorAll('.opblock').length > 0`)
	require.Contains(t, p.text(".info .title"), "tollgate")
}
