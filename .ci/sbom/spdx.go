package main

import (
	"fmt"
	"net/url"
	"regexp"
	"runtime/debug"
	"strings"
	"time"
)

const (
	noAssertion = "NOASSERTION"
	rootID      = "SPDXRef-Program"
	documentID  = "SPDXRef-DOCUMENT"
)

// program is what the linker does not know of the binary.
type program struct {
	name, version, license string
	created                time.Time
}

// The part of SPDX 2.3 that is needed, by its own names:
// https://spdx.github.io/spdx-spec/v2.3/.
type (
	document struct {
		SPDXVersion   string         `json:"spdxVersion"`
		DataLicense   string         `json:"dataLicense"`
		SPDXID        string         `json:"SPDXID"`
		Name          string         `json:"name"`
		Namespace     string         `json:"documentNamespace"`
		Creation      creationInfo   `json:"creationInfo"`
		Describes     []string       `json:"documentDescribes"`
		Packages      []spdxPackage  `json:"packages"`
		Relationships []relationship `json:"relationships"`
	}

	creationInfo struct {
		Created  string   `json:"created"`
		Creators []string `json:"creators"`
	}

	spdxPackage struct {
		SPDXID           string     `json:"SPDXID"`
		Name             string     `json:"name"`
		Version          string     `json:"versionInfo"`
		Supplier         string     `json:"supplier"`
		Location         string     `json:"downloadLocation"`
		FilesAnalyzed    bool       `json:"filesAnalyzed"`
		Checksums        []checksum `json:"checksums,omitempty"`
		SourceInfo       string     `json:"sourceInfo,omitempty"`
		LicenseConcluded string     `json:"licenseConcluded"`
		LicenseDeclared  string     `json:"licenseDeclared"`
		Copyright        string     `json:"copyrightText"`
		Purpose          string     `json:"primaryPackagePurpose"`
		References       []external `json:"externalRefs"`
	}

	checksum struct {
		Algorithm string `json:"algorithm"`
		Value     string `json:"checksumValue"`
	}

	external struct {
		Category string `json:"referenceCategory"`
		Type     string `json:"referenceType"`
		Locator  string `json:"referenceLocator"`
	}

	relationship struct {
		From string `json:"spdxElementId"`
		Type string `json:"relationshipType"`
		To   string `json:"relatedSpdxElement"`
	}
)

// describe returns the document of a binary whose SHA-256 is sum.
func describe(p program, info *debug.BuildInfo, sum string) document {
	root := newPackage(rootID, p.name, p.version, purl("generic", p.name, p.version), "APPLICATION")
	root.LicenseDeclared = p.license
	root.Checksums = []checksum{{"SHA256", sum}}
	root.SourceInfo = settingsOf(info)
	doc := document{
		SPDXVersion: "SPDX-2.3", DataLicense: "CC0-1.0", SPDXID: documentID, Name: p.name + "-" + p.version,
		// It has to be unique, and stands for no address.
		Namespace: "https://spdx.org/spdxdocs/" + url.PathEscape(p.name) + "-" + sum,
		Creation:  creationInfo{p.created.Format(time.RFC3339), []string{"Tool: " + p.name + "-sbom"}},
		Describes: []string{rootID}, Packages: []spdxPackage{root},
		Relationships: []relationship{{documentID, "DESCRIBES", rootID}},
	}
	version := strings.TrimPrefix(strings.Fields(info.GoVersion)[0], "go")
	doc.add(newPackage("SPDXRef-Go-std", "std", version, purl("golang", "std", version), "LIBRARY"))
	for _, module := range info.Deps {
		doc.add(packageOf(module))
	}
	return doc
}

// add adds a package that was linked into the program.
func (d *document) add(p spdxPackage) {
	d.Packages = append(d.Packages, p)
	d.Relationships = append(d.Relationships, relationship{rootID, "STATIC_LINK", p.SPDXID})
}

// packageOf describes a module, or what was put in its place.
func packageOf(m *debug.Module) spdxPackage {
	id := "SPDXRef-Module-" + identifier(m.Path)
	if m.Replace != nil {
		m = m.Replace
	}
	p := newPackage(id, m.Path, m.Version, purl("golang", m.Path, m.Version), "LIBRARY")
	if m.Sum != "" {
		// A hash of the module's tree, as in go.sum. It is no checksum of a file.
		p.SourceInfo = "go.sum " + m.Sum
	}
	return p
}

func newPackage(id, name, version, locator, purpose string) spdxPackage {
	return spdxPackage{
		SPDXID: id, Name: name, Version: version, Supplier: noAssertion, Location: noAssertion,
		LicenseConcluded: noAssertion, LicenseDeclared: noAssertion, Copyright: noAssertion, Purpose: purpose,
		References: []external{{"PACKAGE-MANAGER", "purl", locator}},
	}
}

// settingsOf tells how it was built, but for the ways of one machine.
func settingsOf(info *debug.BuildInfo) string {
	kept := []string{info.GoVersion}
	for _, s := range info.Settings {
		if strings.HasPrefix(s.Key, "GO") || s.Key == "CGO_ENABLED" || strings.HasPrefix(s.Key, "-t") {
			kept = append(kept, s.Key+"="+s.Value)
		}
	}
	return strings.Join(kept, " ")
}

// outside is what an identifier of SPDX can not have.
var outside = regexp.MustCompile(`[^A-Za-z0-9.-]`)

// identifier spells a path so that different paths differ.
func identifier(path string) string {
	return outside.ReplaceAllStringFunc(path, func(s string) string {
		if s == "/" {
			return "-"
		}
		return fmt.Sprintf("-%x-", s)
	})
}

// purl returns a package URL, https://github.com/package-url/purl-spec: the
// parts of the path escaped each by itself. The names of Go modules keep their
// case.
func purl(kind, path, version string) string {
	parts := strings.Split(path, "/")
	for i, part := range parts {
		parts[i] = url.PathEscape(part)
	}
	return "pkg:" + kind + "/" + strings.Join(parts, "/") + "@" + strings.ReplaceAll(url.PathEscape(version), "+", "%2B")
}
