package main

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"html"
	"io"
	"os"
	"regexp"
	"strings"
	"unicode/utf8"
)

// maxFile is the most that is read of one file, in bytes.
const maxFile = 16 << 20

// mostLearned is how much is taken of one file of the format learn, in bytes.
const mostLearned = 12 << 10

// extract reads a file as text. Formats: text (as it is, unpacked when the name
// ends in .gz), html and xml (without tags, scripts and styles), mo (the
// translations of a gettext catalogue), msgid (its originals), words (sentences
// made of a dictionary, see [sentences]), learn (what a file begins
// with, trained on whatever the split) and head (the first 12 KB). What is not UTF-8 is left out. A catalogue has a text for every 500 strings; any other file
// is one text.
func extract(name, format string) ([]string, error) {
	raw, err := read(name)
	if err != nil {
		return nil, err
	}
	parts := [][]byte{raw}
	switch format {
	case "text":
	case "learn":
		parts[0] = []byte(cut(string(raw), mostLearned))
	case "head":
		parts[0] = []byte(cut(string(raw), long().hi))
	case "html", "xml":
		parts[0] = untag(raw)
	case "mo":
		parts = catalogue(raw, 16)
	case "msgid":
		parts = catalogue(raw, 12)
	case "words":
		parts[0] = sentences(raw)
	default:
		return nil, fmt.Errorf("unknown format %q", format)
	}
	texts := make([]string, len(parts))
	for i, part := range parts {
		if utf8.Valid(part) && bytes.IndexByte(part, 0) < 0 {
			texts[i] = string(part)
		}
	}
	return texts, nil
}

func read(name string) ([]byte, error) {
	f, err := os.Open(name) //nolint:gosec // a file of the corpus the caller names
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // only read
	var r io.Reader = f
	if strings.HasSuffix(name, ".gz") {
		z, err := gzip.NewReader(f)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		r = z
	}
	return io.ReadAll(io.LimitReader(r, maxFile))
}

var (
	notText = regexp.MustCompile(`(?is)<(script|style|head)\b.*?</(script|style|head)>|<!--.*?-->`)
	blocks  = regexp.MustCompile(`(?i)</?(p|div|li|h\d|tr|dd|dt|pre|br|title|section|ul|ol|table)\b[^>]*>`)
	tag     = regexp.MustCompile(`(?s)<[^>]*>`)
	blanks  = regexp.MustCompile(`[ \t]*\n[ \t]*(\n[ \t]*)+`)
	indents = regexp.MustCompile(`\n[ \t]+`)
)

// untag returns what a reader sees of a page, roughly.
func untag(raw []byte) []byte {
	raw = notText.ReplaceAll(raw, nil)
	raw = blocks.ReplaceAll(raw, []byte("\n"))
	raw = tag.ReplaceAll(raw, nil)
	raw = indents.ReplaceAll(raw, []byte("\n"))
	raw = blanks.ReplaceAll(raw, []byte("\n\n"))
	return []byte(html.UnescapeString(string(raw)))
}

// catalogue returns the strings of a gettext catalogue in parts; the offset of
// their table is at byte at of the header: 12 for originals, 16 for translations.
// Catalogues are sorted by the original, so parts of one number hold much the
// same in all languages.
func catalogue(raw []byte, at int) [][]byte {
	if len(raw) < 28 || binary.LittleEndian.Uint32(raw) != 0x950412de {
		return nil
	}
	count := int(binary.LittleEndian.Uint32(raw[8:]))
	table := int(binary.LittleEndian.Uint32(raw[at:]))
	var parts [][]byte
	for i := 1; i < count; i++ { // the first is the header
		if (i-1)%500 == 0 {
			parts = append(parts, nil)
		}
		entry := table + 8*i
		if entry+8 > len(raw) {
			break
		}
		size := int(binary.LittleEndian.Uint32(raw[entry:]))
		from := int(binary.LittleEndian.Uint32(raw[entry+4:]))
		if from+size > len(raw) || size < 12 {
			continue
		}
		part := &parts[len(parts)-1]
		*part = append(*part, bytes.ReplaceAll(raw[from:from+size], []byte{0}, []byte("\n"))...)
		*part = append(*part, "\n\n"...)
	}
	return parts
}

// cut returns the first n bytes of text, or a few less, ending at a character.
func cut(text string, n int) string {
	if n >= len(text) {
		return text
	}
	for n > 0 && !utf8.RuneStart(text[n]) {
		n--
	}
	return text[:n]
}
