package pricing

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// maxText bounds a text of a record, in bytes. The longest note is a paragraph.
const maxText = 4096

// decoder reads one record strictly from YAML nodes and collects every mistake
// with its line. It reads nodes, not structs, because a price must be read from
// the digits as written and never by way of a float.
type decoder struct {
	file     string
	record   string
	problems []Problem
}

// field is a key of an object and what reads its value.
type field struct {
	key      string
	required bool
	read     func(*yaml.Node)
}

func (d *decoder) failf(n *yaml.Node, format string, args ...any) {
	d.problems = append(d.problems, Problem{
		File: d.file, Line: n.Line, Record: d.record, Message: fmt.Sprintf(format, args...),
	})
}

// plain refuses what lets one node mean something elsewhere.
func (d *decoder) plain(n *yaml.Node) bool {
	if n.Kind == yaml.AliasNode || n.Anchor != "" || n.Style&yaml.TaggedStyle != 0 {
		d.failf(n, "anchors, aliases and tags are not allowed")
		return false
	}
	return true
}

// object reads a mapping. Keys that are unknown, doubled or missing are
// mistakes.
func (d *decoder) object(n *yaml.Node, what string, fields []field) {
	if !d.plain(n) {
		return
	}
	if n.Kind != yaml.MappingNode {
		d.failf(n, "%s: want keys with values", what)
		return
	}
	seen := make(map[string]bool, len(fields))
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		at := slices.IndexFunc(fields, func(f field) bool { return f.key == key.Value })
		switch {
		case at < 0:
			d.failf(key, "%s: unknown key %q", what, clip(key.Value))
		case seen[key.Value]:
			d.failf(key, "%s: key %q is there twice", what, key.Value)
		default:
			seen[key.Value] = true
			fields[at].read(value)
		}
	}
	for _, f := range fields {
		if f.required && !seen[f.key] {
			d.failf(n, "%s: %s is missing", what, f.key)
		}
	}
}

// list reads a sequence with one item or more.
func (d *decoder) list(n *yaml.Node, what string, read func(*yaml.Node)) {
	if !d.plain(n) {
		return
	}
	if n.Kind != yaml.SequenceNode || len(n.Content) == 0 {
		d.failf(n, "%s: want a list with one item or more", what)
		return
	}
	for _, item := range n.Content {
		read(item)
	}
}

// scalar returns the text of a scalar of one of the YAML types in tags.
func (d *decoder) scalar(n *yaml.Node, want string, tags ...string) (string, bool) {
	if !d.plain(n) {
		return "", false
	}
	if n.Kind != yaml.ScalarNode || !slices.Contains(tags, n.ShortTag()) {
		d.failf(n, "want %s", want)
		return "", false
	}
	return n.Value, true
}

// text reads a string that is neither empty nor padded.
func (d *decoder) text(into *string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		s, ok := d.scalar(n, "a text", "!!str")
		switch {
		case !ok:
		case strings.TrimSpace(s) == "":
			d.failf(n, "an empty text: leave the key out instead")
		case len(s) > maxText:
			d.failf(n, "a text of more than %d bytes", maxText)
		default:
			*into = strings.TrimSpace(s)
		}
	}
}

// texts reads a list of different strings.
func (d *decoder) texts(what string, into *[]string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		d.list(n, what, func(item *yaml.Node) {
			var s string
			d.text(&s)(item)
			if s == "" {
				return
			}
			if slices.Contains(*into, s) {
				d.failf(item, "%s: %q is there twice", what, clip(s))
				return
			}
			*into = append(*into, s)
		})
	}
}

// integer reads a whole number above 0, in plain digits.
func (d *decoder) integer(into *int64) func(*yaml.Node) {
	return func(n *yaml.Node) {
		s, ok := d.scalar(n, "a whole number", "!!int")
		if !ok {
			return
		}
		v, err := strconv.ParseInt(s, 10, 64)
		if err != nil || v <= 0 || s[0] == '+' || s[0] == '0' {
			d.failf(n, "want a whole number above 0, in plain digits")
			return
		}
		*into = v
	}
}

// small is integer for the sizes that fit an int everywhere.
func (d *decoder) small(into *int) func(*yaml.Node) {
	return func(n *yaml.Node) {
		var v int64
		d.integer(&v)(n)
		if v > 1<<30 {
			d.failf(n, "a number above 2^30")
			return
		}
		*into = int(v)
	}
}

// boolean reads true or false.
func (d *decoder) boolean(into *bool) func(*yaml.Node) {
	return func(n *yaml.Node) {
		s, ok := d.scalar(n, "true or false", "!!bool")
		if !ok {
			return
		}
		if s != "true" && s != "false" {
			d.failf(n, "want true or false")
			return
		}
		*into = s == "true"
	}
}

// day reads a date.
func (d *decoder) day(into *time.Time) func(*yaml.Node) {
	return func(n *yaml.Node) {
		s, ok := d.scalar(n, "a date such as 2026-01-27", "!!timestamp", "!!str")
		if !ok {
			return
		}
		t, err := time.Parse(time.DateOnly, s)
		if err != nil {
			d.failf(n, "want a date such as 2026-01-27")
			return
		}
		*into = t
	}
}

// money reads a decimal that is written as a string, so that no YAML reader
// on the way can take it for a float.
func (d *decoder) money(n *yaml.Node) (string, bool) {
	return d.scalar(n, `a decimal in quotes, such as "0.70"`, "!!str")
}

// rate reads a price per million tokens.
func (d *decoder) rate(into *Rate) func(*yaml.Node) {
	return func(n *yaml.Node) {
		if s, ok := d.money(n); ok {
			r, err := ParseRate(s)
			if err != nil {
				d.failf(n, "rate: %v", err)
				return
			}
			*into = r
		}
	}
}

// amount reads a sum of money.
func (d *decoder) amount(into *Amount) func(*yaml.Node) {
	return func(n *yaml.Node) {
		if s, ok := d.money(n); ok {
			a, err := ParseAmount(s)
			if err != nil {
				d.failf(n, "amount: %v", err)
				return
			}
			*into = a
		}
	}
}

// clip shortens a text that is quoted in a message.
func clip(s string) string {
	if len(s) > maxEcho {
		return printable(s) + "…"
	}
	return s
}
