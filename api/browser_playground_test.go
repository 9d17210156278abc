//go:build browser

package api_test

import (
	"testing"
)

const settled = `document.querySelector('#estimate').hidden === false && document.querySelector('#estimate').getAttribute('aria-busy') === 'false'`

func TestTheFirstLook(t *testing.T) {
	p := browse(t, running(t, true), "/playground")
	p.until(settled + ` && document.querySelector('#cut pre')`)
	p.shot("desktop-light")
	p.dark()
	p.shot("desktop-dark")
	p.click("#lang")
	p.shot("desktop-zh-dark")
	p.click("#theme")
	p.size(360, 740)
	p.shot("phone-zh")
}
