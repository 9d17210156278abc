//go:build browser

package api_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/api"
)

func TestTheSnippetsOfThePlaygroundAskTheSame(t *testing.T) {
	t.Parallel()
	p := playground(t, true)
	photo := picture(t, 320, 200)
	p.fill("#max_cost", "0.05")
	for _, tt := range []struct {
		name, prompt string
		image        bool
	}{
		{"plain", "It's `code`, $HOME, \\n, \"quotes\" and 月之暗面\nof two lines. EOF", false},
		{"with a file", "It's `code`, $(id), \\n and \"quotes\": $HOME", true},
	} {
		if tt.image {
			p.drop("it's a photo.png", "image/png", photo)
			p.says("#media", "photo.png")
		}
		p.fill("#prompt", tt.prompt)
		p.until(settled + ` && document.querySelector('#cut pre')?.textContent === ` + quoted(tt.prompt))
		tokens := value[string](p, `document.getElementById('tokens').innerText`)
		dir := t.TempDir()
		require.NoError(t, os.WriteFile(filepath.Join(dir, "it's a photo.png"), photo, 0o600))
		for tab, program := range map[string][]string{"curl": {"bash"}, "python": {"python3"}, "go": {"go", "run"}} {
			p.click("#tab-" + tab)
			p.until(`document.getElementById('tab-` + tab + `').getAttribute('aria-selected') === 'true'`)
			file := filepath.Join(dir, "snippet."+tab)
			require.NoError(t, os.WriteFile(file, []byte(value[string](p, `document.getElementById('snippet').textContent`)), 0o600))
			if _, err := exec.LookPath(program[0]); err != nil {
				t.Logf("%s is not there to run its snippet", program[0])
				continue
			}
			cmd := exec.Command(program[0], append(program[1:], file)...)
			cmd.Dir, cmd.Stderr = dir, os.Stderr
			out, err := cmd.Output()
			require.NoError(t, err, "%s, %s", tab, tt.name)
			var est api.Estimate
			require.NoError(t, json.Unmarshal(out, &est), "%s, %s: %s", tab, tt.name, out)
			require.Equal(t, tokens, value[string](p, "new Intl.NumberFormat('en').format("+quoted(jsonOf(t, est.Usage.PromptTokens))+")"), "%s, %s", tab, tt.name)
			require.Equal(t, int64(600), est.Usage.CompletionTokens)
		}
	}
}

func jsonOf(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	require.NoError(t, err)
	return string(b)
}
