package chat_test

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"

	"pgregory.net/rapid"
)

// A tree is a JSON document that can be written in many ways.
type tree struct {
	kind    byte // '{' API object, 'f' free-form object, '[', '"', '#', or 'l' for a literal
	text    string
	keys    []string
	members []*tree
}

func str(s string) *tree        { return &tree{kind: '"', text: s} }
func num(s string) *tree        { return &tree{kind: '#', text: s} }
func lit(s string) *tree        { return &tree{kind: 'l', text: s} }
func arr(elems ...*tree) *tree  { return &tree{kind: '[', members: elems} }
func api(members ...any) *tree  { return obj('{', members) }
func free(members ...any) *tree { return obj('f', members) }

// obj makes an object of key, value, key, value, ...; members with a nil value
// are left out.
func obj(kind byte, members []any) *tree {
	t := &tree{kind: kind}
	for i := 0; i < len(members); i += 2 {
		if v, ok := members[i+1].(*tree); ok && v != nil {
			t.keys = append(t.keys, members[i].(string))
			t.members = append(t.members, v)
		}
	}
	return t
}

// plainly writes the tree in the one obvious way.
func (t *tree) plainly() string {
	var b strings.Builder
	t.write(&b, nil)
	return b.String()
}

// wildly writes the tree in a way that the contract calls the same.
func (t *tree) wildly(seed uint64) string {
	var b strings.Builder
	t.write(&b, rand.New(rand.NewPCG(seed, 1)))
	return b.String()
}

func (t *tree) write(b *strings.Builder, r *rand.Rand) {
	space(b, r)
	defer space(b, r)
	switch t.kind {
	case '{', 'f':
		order := make([]int, len(t.keys))
		for i := range order {
			order[i] = i
		}
		if r != nil && t.kind == '{' {
			r.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		}
		b.WriteByte('{')
		for n, i := range order {
			if n > 0 {
				b.WriteByte(',')
			}
			space(b, r)
			writeString(b, t.keys[i], r)
			space(b, r)
			b.WriteByte(':')
			t.members[i].write(b, r)
		}
		b.WriteByte('}')
	case '[':
		b.WriteByte('[')
		for n, m := range t.members {
			if n > 0 {
				b.WriteByte(',')
			}
			m.write(b, r)
		}
		b.WriteByte(']')
	case '"':
		writeString(b, t.text, r)
	case '#':
		b.WriteString(respell(t.text, r))
	default:
		b.WriteString(t.text)
	}
}

func space(b *strings.Builder, r *rand.Rand) {
	for r != nil && r.IntN(4) == 0 {
		b.WriteByte(" \t\n\r"[r.IntN(4)])
	}
}

// writeString writes a JSON string; wildly, any character may be escaped in
// any way that JSON knows.
func writeString(b *strings.Builder, s string, r *rand.Rand) {
	b.WriteByte('"')
	for _, c := range s {
		switch {
		case r != nil && r.IntN(5) == 0 && c < 0x10000:
			fmt.Fprintf(b, []string{`\u%04x`, `\u%04X`}[r.IntN(2)], c)
		case r != nil && r.IntN(5) == 0 && c >= 0x10000:
			fmt.Fprintf(b, `\u%04x\u%04x`, 0xd800+(c-0x10000)>>10, 0xdc00+(c-0x10000)&0x3ff)
		case c == '"' || c == '\\' || c == '/' && r != nil && r.IntN(2) == 0:
			b.WriteByte('\\')
			b.WriteRune(c)
		case c < 0x20:
			fmt.Fprintf(b, `\u%04x`, c)
		default:
			b.WriteRune(c)
		}
	}
	b.WriteByte('"')
}

// respell writes a number as another spelling of the same float; whole numbers
// have no other.
func respell(s string, r *rand.Rand) string {
	if r == nil || !strings.ContainsAny(s, ".e") {
		return s
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return s
	}
	switch r.IntN(3) {
	case 0:
		return strconv.FormatFloat(f, 'e', -1, 64)
	case 1:
		return strings.ToUpper(strconv.FormatFloat(f, 'e', 17, 64))
	}
	if !strings.Contains(s, "e") {
		return s + "00"
	}
	return s
}

// anyText draws text with all that can go wrong in it.
var anyText = rapid.Custom(func(t *rapid.T) string {
	pieces := rapid.SliceOfN(rapid.SampledFrom([]string{
		"a", "Hello, ", "你好", "😀", "\"", "\\", "/", "\n", "\x00", "\u007f", "\u2028", "é", "\ufeff", "1.0", "{", "<|im_end|>",
	}), 0, 12).Draw(t, "pieces")
	return strings.Join(pieces, "")
})

// anySchema draws free-form JSON.
var anySchema = rapid.Custom(func(t *rapid.T) *tree { return drawSchema(t, 3) })

func drawSchema(t *rapid.T, depth int) *tree {
	scalar := rapid.SampledFrom([]*tree{
		num("1"), num("1.0"), num("0.5"), num("-3"), num("1e-7"), num("2.5e20"), lit("true"), lit("null"), str("type"), str(""),
	})
	o := free("type", str("object"))
	for i := range rapid.IntRange(1, 4).Draw(t, "keys") {
		v := scalar.Draw(t, "value")
		if depth > 0 && rapid.Bool().Draw(t, "nest") {
			v = drawSchema(t, depth-1)
		} else if rapid.Bool().Draw(t, "array") {
			v = arr(v, scalar.Draw(t, "second"))
		}
		o.keys = append(o.keys, fmt.Sprintf("k%d", i))
		o.members = append(o.members, v)
	}
	return o
}

// maybe draws v or nothing.
func maybe(t *rapid.T, v *tree) *tree {
	if rapid.Bool().Draw(t, "present") {
		return v
	}
	return nil
}

// anyMessage draws a message.
var anyMessage = rapid.Custom(func(t *rapid.T) *tree {
	content := str(anyText.Draw(t, "content"))
	switch rapid.IntRange(0, 3).Draw(t, "shape") {
	case 0:
		content = lit("null")
	case 1:
		content = arr(
			api("type", str("text"), "text", content),
			api("type", str("image_url"), "image_url", api("url", str(png1x1), "detail", maybe(t, str("low")))),
			api("type", str("video_url"), "video_url", str("ms://"+rapid.SampledFrom([]string{"a", "b"}).Draw(t, "id"))),
		)
	}
	call := api("id", str("functions.f:0"), "type", str("function"),
		"function", api("name", str("f"), "arguments", anySchema.Draw(t, "arguments")))
	return api(
		"role", str(rapid.SampledFrom([]string{"system", "user", "assistant", "tool"}).Draw(t, "role")),
		"content", content,
		"name", maybe(t, str("Li Lei")),
		"partial", maybe(t, lit("true")),
		"tool_call_id", maybe(t, str("functions.f:0")),
		"reasoning_content", maybe(t, str(anyText.Draw(t, "reasoning"))),
		"tool_calls", maybe(t, arr(call)),
		"unknown", maybe(t, anySchema.Draw(t, "unknown")),
	)
})

// anyTool draws a tool.
var anyTool = rapid.Custom(func(t *rapid.T) *tree {
	return api("type", str("function"), "function", api(
		"name", str("f"+anyText.Draw(t, "name")),
		"description", str(anyText.Draw(t, "description")),
		"parameters", anySchema.Draw(t, "parameters"),
		"strict", maybe(t, lit("true"))))
})

// anyRequest draws a request.
var anyRequest = rapid.Custom(func(t *rapid.T) *tree {
	return api(
		"model", str(rapid.SampledFrom([]string{"kimi-k2.5", "kimi-k2.6"}).Draw(t, "model")),
		"messages", arr(rapid.SliceOfN(anyMessage, 1, 4).Draw(t, "messages")...),
		"tools", arr(rapid.SliceOfN(anyTool, 0, 3).Draw(t, "tools")...),
		"thinking", maybe(t, api("type", str("disabled"), "keep", lit("null"))),
		"tool_choice", maybe(t, str("auto")),
		"response_format", maybe(t, free("type", str("json_schema"), "json_schema", anySchema.Draw(t, "response"))),
	)
})
