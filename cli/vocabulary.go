package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"tollgate/estimator/tokenizer"
)

// openVocabulary opens the vocabulary that was named, or the one in its
// default place. It returns nil when none was named and none is there.
func openVocabulary(path string, p *Process) (*tokenizer.Tokenizer, error) {
	named := path != ""
	if !named {
		path = defaultVocabulary(p)
	}
	if path == "" {
		return nil, nil //nolint:nilnil // no vocabulary is the default
	}
	t, err := tokenizer.Open(path)
	if err != nil && !named && errors.Is(err, fs.ErrNotExist) {
		return nil, nil //nolint:nilnil // the same
	}
	if err != nil {
		return nil, usageError(fmt.Errorf("TOLLGATE_VOCAB: %s", reasonOf(err)))
	}
	return t, nil
}

// defaultVocabulary is where the vocabulary is looked for: in the user's data
// directory. Empty when there is none.
func defaultVocabulary(p *Process) string {
	dir, _ := p.LookupEnv("XDG_DATA_HOME")
	if dir == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return ""
		}
		dir = filepath.Join(home, userData(runtime.GOOS))
	}
	return filepath.Join(dir, "tollgate", "tiktoken.model")
}

// userData is where programs keep a user's data, under the home directory.
func userData(goos string) string {
	switch goos {
	case "darwin":
		return filepath.Join("Library", "Application Support")
	case "windows":
		return filepath.Join("AppData", "Local")
	}
	return filepath.Join(".local", "share")
}
