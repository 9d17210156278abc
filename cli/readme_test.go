package cli_test

import (
	"encoding/json"
	"flag"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the answers in the README and in testdata")

// The README shows an answer of this very program.
func TestTheReadmesAnswerIsTheAnswer(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile("../README.md")
	require.NoError(t, err)
	readme := string(content)
	command := regexp.MustCompile(`(?s)curl -s 'http://127\.0\.0\.1:8080([^']+)'.*?-d '([^']+)'`).FindStringSubmatch(readme)
	require.Len(t, command, 3, "the README has a curl command")
	from, to := blockOf(t, readme, "json")

	s := start(t)
	status, answer := s.post(command[1], command[2])
	require.Equal(t, 200, status, "%s", answer)
	if *update {
		readme = readme[:from] + laidOut(t, answer) + readme[to:]
		require.NoError(t, os.WriteFile("../README.md", []byte(readme), 0o600))
		return
	}
	require.JSONEq(t, string(answer), readme[from:to], "run go test ./cli -run Readme -update")
}

// blockOf returns where the first block of a language begins and ends.
func blockOf(t *testing.T, text, language string) (start, end int) {
	t.Helper()
	open := "```" + language + "\n"
	start = strings.Index(text, open)
	require.GreaterOrEqual(t, start, 0)
	start += len(open)
	return start, start + strings.Index(text[start:], "```")
}

// laidOut writes a JSON object with a member a line, and what is small on one
// line.
func laidOut(t *testing.T, answer []byte) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("{\n")
	dec := json.NewDecoder(strings.NewReader(string(answer)))
	_, err := dec.Token()
	require.NoError(t, err)
	for first := true; dec.More(); first = false {
		key, err := dec.Token()
		require.NoError(t, err)
		var value json.RawMessage
		require.NoError(t, dec.Decode(&value))
		if !first {
			b.WriteString(",\n")
		}
		b.WriteString("  " + `"` + key.(string) + `": ` + spaced(string(value)))
	}
	b.WriteString("\n}\n")
	return b.String()
}

// spaced puts a space behind every comma and colon outside of strings, and a
// long list's elements on lines of their own.
func spaced(value string) string {
	var b strings.Builder
	quoted, depth := false, 0
	for i := range len(value) {
		c := value[i]
		if c == '"' && (i == 0 || value[i-1] != '\\') {
			quoted = !quoted
		}
		b.WriteByte(c)
		switch {
		case quoted:
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']':
			depth--
		case c == ',' && len(value) > 150 && (depth == 1 || value[i-1] == '}'):
			b.WriteString("\n    ")
		case c == ',' || c == ':':
			b.WriteByte(' ')
		}
	}
	return b.String()
}
