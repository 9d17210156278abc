package cli

import (
	"os"
	"strings"
)

// keys reads the callers' keys: comma-separated, or one a line of a file.
func (r *reader) keys(name, v string) []string {
	separated := func(c rune) bool { return c == ',' }
	if path, ok := strings.CutPrefix(v, "file:"); ok {
		content, err := os.ReadFile(path) //nolint:gosec // the operator names the file
		if err != nil {
			r.refuse(name, "names a file that can not be read: "+reasonOf(err))
			return nil
		}
		v = string(content)
		separated = func(c rune) bool { return c == '\n' || c == '\r' }
	}
	var keys []string
	for key := range strings.FieldsFuncSeq(v, separated) {
		if key = strings.TrimSpace(key); key != "" {
			keys = append(keys, key)
		}
	}
	if v != "" && len(keys) == 0 {
		r.refuse(name, "holds no key")
	}
	return keys
}
