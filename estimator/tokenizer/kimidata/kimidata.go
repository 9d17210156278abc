// Package kimidata finds, for tests, the vocabulary that Moonshot publishes and
// counts that were recorded with it. They are not part of this project.
//
// It knows where to look and what to do when nothing is there: the test is
// skipped and says why, but where CI is set to true it fails, so that what has
// to be shown is never passed over. It knows nothing of what is in the files.
package kimidata

import (
	"os"
	"path/filepath"
	"testing"
)

// Env is the environment variable that names the folder. Without it the folder
// is shared/kimi beside the checkout.
const Env = "TOLLGATE_TEST_KIMI"

// Path returns where a file of the folder is, if it is there.
func Path(name string) string { return filepath.Join(folder(), name) }

// File is Path, and ends the test if there is no such file.
func File(tb testing.TB, name string) string {
	tb.Helper()
	path := Path(name)
	if _, err := os.Stat(path); err == nil {
		return path
	}
	if os.Getenv("CI") == "true" {
		tb.Fatalf("%s is not here: set %s to the folder that holds it", name, Env)
	}
	tb.Skipf("%s is not here: set %s to the folder that holds it", name, Env)
	return ""
}

// Read returns the content of a file of the folder, or ends the test.
func Read(tb testing.TB, name string) []byte {
	tb.Helper()
	content, err := os.ReadFile(File(tb, name))
	if err != nil {
		tb.Fatalf("%s can not be read", name)
	}
	return content
}

// folder is where the files are looked for.
func folder() string {
	if dir := os.Getenv(Env); dir != "" {
		return dir
	}
	return filepath.Join(root(), "..", "shared", "kimi")
}

// root is the checkout: the nearest folder above the test's with a go.mod.
func root() string {
	dir, err := os.Getwd()
	if err != nil {
		return "."
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "."
		}
		dir = parent
	}
}
