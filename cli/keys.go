package cli

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"

	"tollgate/api"
)

// maxKeys is how many keys callers may have. Each request is compared with all
// of them.
const maxKeys = 1000

// keys reads the callers' keys: comma-separated, or one a line of a file, whose
// path is returned too.
func (r *reader) keys(name, v string) (keys []string, path string) {
	if v == "" {
		return nil, ""
	}
	path, isFile := strings.CutPrefix(v, "file:")
	if !isFile {
		keys, err := parseKeys(v, ",", "key")
		if err != nil {
			r.refuse(name, err.Error())
		}
		return keys, ""
	}
	content, err := os.ReadFile(path) //nolint:gosec // the operator names the file
	if err != nil {
		r.refuse(name, "names a file that can not be read: "+reasonOf(err))
		return nil, path
	}
	if keys, err = parseKeys(string(content), "\n", "line"); err != nil {
		r.refuse(name, "names a file that "+err.Error())
	}
	return keys, path
}

// parseKeys reads keys that a separator stands between. Its error says which
// one is wrong, counted from 1 in units of what, and never repeats any of it.
func parseKeys(text, separator, what string) ([]string, error) {
	var keys []string
	n := 0
	for key := range strings.SplitSeq(text, separator) {
		n++
		key = strings.TrimSpace(key)
		if key == "" {
			continue
		}
		if strings.ContainsFunc(key, func(c rune) bool { return c <= ' ' || c > '~' }) {
			return nil, fmt.Errorf("holds what is no key at %s %d: keys are visible ASCII characters without spaces", what, n)
		}
		keys = append(keys, key)
	}
	if len(keys) == 0 {
		return nil, errors.New("holds no key")
	}
	if len(keys) > maxKeys {
		return nil, fmt.Errorf("holds more than %d keys", maxKeys)
	}
	return keys, nil
}

// newKeyring returns the callers' keys, and the file they are read from again
// whenever it changes. Nil: everybody may call; nil: there is no file.
func newKeyring(c Config, log *slog.Logger) (*api.Keyring, *watchedFile, error) {
	if len(c.APIKeys) == 0 {
		return nil, nil, nil
	}
	ring := api.NewKeyring(c.APIKeys...)
	if c.APIKeyFile == "" {
		return ring, nil, nil
	}
	file := &watchedFile{name: "keys", path: c.APIKeyFile, log: log}
	file.apply = func(content []byte) error {
		keys, err := parseKeys(string(content), "\n", "line")
		if err != nil {
			return fmt.Errorf("the file %w", err)
		}
		ring.Replace(keys)
		return nil
	}
	if err := file.open(); err != nil {
		return nil, nil, usageError(fmt.Errorf("TOLLGATE_API_KEYS: %w", err))
	}
	return ring, file, nil
}
