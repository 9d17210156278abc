// Command sbom writes what a Go binary is made of, as SPDX 2.3 in JSON: the
// program, every module that was linked into it, and the standard library. It
// reads what the linker left in the binary, so nothing is named that is not in
// it. The same binary gives the same document.
//
//	go run ./.ci/sbom -name tollgate -version 1.2.3 -created 1700000000 BINARY >sbom.spdx.json
//
// The licences of modules are not looked into: they are NOASSERTION.
package main

import (
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

func main() {
	name := flag.String("name", "", "what the program is called; the last part of its path if not given")
	version := flag.String("version", "", "the program's version")
	license := flag.String("license", noAssertion, "the program's licence, as SPDX writes it")
	created := flag.Int64("created", 0, "when it was built, in seconds since 1970")
	flag.Parse()
	if flag.NArg() != 1 {
		flag.Usage()
		os.Exit(2)
	}
	p := program{*name, *version, *license, time.Unix(*created, 0).UTC()}
	if err := run(p, flag.Arg(0)); err != nil {
		fmt.Fprintln(os.Stderr, "sbom:", err)
		os.Exit(1)
	}
}

// run writes the document of the binary at path.
func run(p program, path string) error {
	info, err := buildinfo.ReadFile(path)
	if err != nil {
		return fmt.Errorf("read what was linked: %w", err)
	}
	binary, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("read the binary: %w", err)
	}
	if p.name == "" {
		p.name = filepath.Base(path)
	}
	sum := sha256.Sum256(binary)
	doc := describe(p, info, hex.EncodeToString(sum[:]))
	out := json.NewEncoder(os.Stdout)
	out.SetIndent("", "  ")
	out.SetEscapeHTML(false)
	return out.Encode(doc)
}
