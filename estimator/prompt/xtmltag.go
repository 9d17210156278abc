package prompt

import "strings"

// The tags of the markup.
const (
	tagMessage  = "message"
	tagThink    = "think"
	tagResponse = "response"
	tagTools    = "tools"
	tagCall     = "call"
	tagArgument = "argument"
	tagJSON     = "json"
)

// The attributes of the markup.
const (
	attrRole  = "role"
	attrType  = "type"
	attrName  = "name"
	attrTool  = "tool"
	attrIndex = "index"
	attrKey   = "key"
)

// text sends a text of its own.
func (r *xtml) text(s string) {
	if s != "" {
		r.sink.Text(s, false)
	}
}

// tag opens a tag without attributes.
func (r *xtml) tag(name string) {
	r.open(name)
	r.sink.Special(TagSep)
}

// open begins a tag, up to where its attributes go.
func (r *xtml) open(tag string) {
	r.sink.Special(TagOpen)
	r.text(tag)
}

func (r *xtml) close(tag string) {
	r.sink.Special(TagClose)
	r.text(tag)
	r.sink.Special(TagSep)
}

func (r *xtml) attr(key, val string) {
	r.text(" " + key)
	r.text(`="`)
	if strings.ContainsAny(val, `&"`) {
		val = strings.ReplaceAll(strings.ReplaceAll(val, "&", "&amp;"), `"`, "&quot;")
	}
	r.text(val)
	r.text(`"`)
}

// openRole opens a message.
func (r *xtml) openRole(role, name string) {
	r.open(tagMessage)
	r.attr(attrRole, role)
	if name != "" {
		r.attr(attrName, name)
	}
	r.sink.Special(TagSep)
}
