//go:build browser

package api_test

import (
	"slices"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"
)

// scrollTo brings an element into view.
func scrollTo(selector string) chromedp.Action[chromedp.Void] {
	return chromedp.ScrollIntoView(chromedp.CSS(selector))
}

// faint lists the texts of a page whose contrast is below 4.5, which WCAG 2.2
// asks for at level AA.
const faint = `(() => {
	const numbers = (c) => c.match(/[\d.]+/g).map(Number);
	const light = (c) => {
		const [r, g, b] = numbers(c).map((v) => v / 255).map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
		return 0.2126 * r + 0.7152 * g + 0.0722 * b;
	};
	const ground = (e) => {
		for (; e; e = e.parentElement) {
			const c = getComputedStyle(e).backgroundColor;
			if ((numbers(c)[3] ?? 1) > 0.99) return c;
		}
		return 'rgb(255, 255, 255)';
	};
	const found = [];
	for (const e of document.querySelectorAll('body *')) {
		const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim() !== '');
		if (!own && e.value === undefined || !e.checkVisibility() || e.closest('.visually-hidden')) continue;
		const [a, b] = [light(getComputedStyle(e).color), light(ground(e))];
		const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
		if (contrast < 4.5) found.push(contrast.toFixed(2) + ' ' + e.tagName + '#' + e.id + '.' + e.className + ' ' + e.textContent.slice(0, 40));
	}
	return found;
})()`

// wide lists what is wider than the window.
const wide = `(() => {
	const width = document.documentElement.clientWidth;
	if (document.documentElement.scrollWidth <= width) return [];
	return [...document.querySelectorAll('body *')].filter((e) => e.getBoundingClientRect().right > width + 0.5 && e.checkVisibility())
		.map((e) => e.tagName + '#' + e.id + '.' + e.className + ' ' + e.getBoundingClientRect().right);
})()`

func TestThePlaygroundLooksRightInEveryFrame(t *testing.T) {
	t.Parallel()
	p := playground(t, true)
	p.until(`document.querySelectorAll('#compare tbody tr').length >= 4`)
	p.shot("desktop-light")
	require.Empty(t, value[[]string](p, faint))
	p.dark()
	p.shot("desktop-dark")
	require.Empty(t, value[[]string](p, faint))
	for _, width := range []int64{1280, 900, 540, 360, 320} {
		p.size(width, 740)
		require.Empty(t, value[[]string](p, wide), "%d", width)
	}

	p.size(360, 740)
	p.fill("#example", "budget")
	p.shows("#decision", "Allowed with a cap")
	p.do(scrollTo("h1"))
	p.until(`document.getElementById('glance').checkVisibility()`)
	p.says("#glance", "Allowed with a cap · 20 tokens · ¥")
	p.snap("phone-glance")
	p.shot("phone-dark")
	require.Empty(t, value[[]string](p, faint))
	p.fill("#example", "temperature")
	p.says("#findings", "Fixed parameter")
	require.Empty(t, value[[]string](p, faint))
	require.Empty(t, value[[]string](p, wide))

	p.click("#lang")
	p.says("h1", "试算台")
	p.says("#findings", "参数取值固定")
	require.Equal(t, "zh-CN", value[string](p, "document.documentElement.lang"))
	require.Empty(t, value[[]string](p, wide))
	p.shot("phone-zh-dark")
	p.click("#theme") // light, whatever the system prefers
	require.Equal(t, "rgb(245, 246, 244)", value[string](p, "getComputedStyle(document.body).backgroundColor"))
	require.Empty(t, value[[]string](p, faint))
	p.size(1280, 900)
	p.fill("#example", "chinese")
	p.until(`document.querySelector('#cut pre')?.textContent.startsWith('请用三句话')`)
	p.until(`document.querySelectorAll('#compare tbody tr').length >= 4`)
	p.shot("desktop-zh")

	p.do(chromedp.Reload())
	p.until(settled)
	require.Equal(t, "zh-CN", value[string](p, "document.documentElement.lang"), "it is remembered")
	require.Equal(t, "light", value[string](p, "document.documentElement.dataset.theme"))
}

// What it takes is the picture of the README, api/playground/screenshot.png:
//
//	TOLLGATE_SCREENSHOTS=$PWD/bin/shots go test -tags browser -run Photogenic ./api
//	pngquant --force --output api/playground/screenshot.png bin/shots/readme.png
func TestThePlaygroundIsPhotogenic(t *testing.T) {
	t.Parallel()
	p := playground(t, true)
	p.size(1280, 1090)
	p.fill("#system", "You are a patient tutor. Answer in the language of the question.")
	value[bool](p, `document.getElementById('system-fold').open = true`)
	p.fill("#prompt", "Explain how a lock on a canal works, and draw it in text. 请同时给出中文说明。")
	p.fill("#completion_tokens", "6000")
	p.fill("#cached_share", "40")
	p.fill("#max_cost", "0.12")
	p.shows("#decision", "Allowed with a cap")
	p.until(`document.querySelectorAll('#compare tbody tr').length >= 4`)
	value[bool](p, `(document.activeElement.blur(), true)`)
	p.snap("readme")
}

func TestThePlaygroundNeedsNoMouse(t *testing.T) {
	t.Parallel()
	p := playground(t, false)
	active := `(() => { const e = document.activeElement; return e === document.body ? 'BODY' : e.id || e.textContent.trim() || e.tagName; })()`
	var order []string
	for range 60 {
		p.press(kb.Tab)
		at := value[string](p, active)
		if at == "BODY" || len(order) > 0 && at == order[0] {
			break
		}
		require.True(t, value[bool](p, `document.activeElement.matches(':focus-visible')`), at)
		order = append(order, at)
	}
	require.Less(t, len(order), 60, "a trap: %v", order)
	last := -1
	for _, id := range []string{
		"Skip to the result", "API reference", "lang", "theme", "tab-prompt", "example", "model", "prompt", "pick",
		"completion_tokens", "cached_share", "max_cost", "currency", "tab-curl", "copy", "snippet",
	} {
		at := slices.Index(order, id)
		require.Greater(t, at, last, "%s in %v", id, order)
		last = at
	}

	value[bool](p, `document.getElementById('tab-prompt').focus() ?? true`)
	p.press(kb.ArrowRight)
	require.Equal(t, "tab-json", value[string](p, active))
	require.True(t, value[bool](p, `!document.getElementById('pane-json').hidden`))
	p.press(kb.ArrowLeft)
	require.Equal(t, "tab-prompt", value[string](p, active))
	p.press(kb.Tab + kb.Tab + kb.Tab) // over examples and model to the message
	require.Equal(t, "prompt", value[string](p, active))
	p.press(kb.End + " And more.")
	p.says("#snippet", "by when. And more.")
	value[bool](p, `document.getElementById('lang').focus() ?? true`)
	p.press(kb.Enter)
	p.says("h1", "试算台")

	unnamed := value[[]string](p, `[...document.querySelectorAll('button, input:not([hidden]), select, textarea')].filter((e) => e.checkVisibility() &&
		!(e.textContent.trim() && e.tagName === 'BUTTON') && !e.getAttribute('aria-label') && !(e.labels?.length > 0)).map((e) => e.outerHTML)`)
	require.Empty(t, unnamed, "every control has a name")
}
