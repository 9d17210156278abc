package gate

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// variable is a {{name}} in a template. Anything else in double braces is text.
var variable = regexp.MustCompile(`\{\{\s*([A-Za-z_][A-Za-z0-9_.-]*)\s*\}\}`)

// values is what variables are filled with: of each its alternatives, of which
// the one with the most tokens is taken.
type values map[string][]string

// loadValues reads a file of values: YAML or JSON, a mapping of names to a
// text, to {file: path}, or to a list of such, which are alternatives.
func (g *gate) loadValues(file string) (values, error) {
	content, err := os.ReadFile(g.path(file))
	if err != nil {
		return nil, err
	}
	var nodes map[string]yaml.Node
	if err := yaml.Unmarshal(content, &nodes); err != nil {
		return nil, fmt.Errorf("%s: %s", file, strings.Join(plainly(err), "; "))
	}
	v := make(values, len(nodes))
	for name, n := range nodes {
		list := []*yaml.Node{&n}
		if n.Kind == yaml.SequenceNode {
			list = n.Content
		}
		if len(list) == 0 {
			return nil, fmt.Errorf("%s: line %d: %s: the list is empty", file, n.Line, name)
		}
		for _, item := range list {
			text, err := g.value(item)
			if err != nil {
				return nil, fmt.Errorf("%s: line %d: %s: %w", file, item.Line, name, err)
			}
			v[name] = append(v[name], text)
		}
	}
	return v, nil
}

// value reads one value.
func (g *gate) value(n *yaml.Node) (string, error) {
	switch n.Kind {
	case yaml.ScalarNode:
		if n.Tag == "!!null" {
			return "", errors.New("there is no value")
		}
		return n.Value, nil
	case yaml.MappingNode:
		if len(n.Content) == 2 && n.Content[0].Value == "file" && n.Content[1].Kind == yaml.ScalarNode {
			content, err := os.ReadFile(g.path(n.Content[1].Value))
			if err != nil {
				return "", errors.New(plainPath(err))
			}
			return string(content), nil
		}
	case yaml.DocumentNode, yaml.SequenceNode, yaml.AliasNode:
	}
	return "", errors.New("want a text, {file: path}, or a list of such")
}

// worst picks of each variable's alternatives the one with the most tokens, so
// that what is gated is the most that the template can become.
func (v values) worst(tokens func(string) int64) map[string]string {
	picked := make(map[string]string, len(v))
	for name, alternatives := range v {
		picked[name] = slices.MaxFunc(alternatives, func(a, b string) int {
			return cmp.Compare(tokens(a), tokens(b))
		})
	}
	return picked
}

// rendered is a request that was made of templates. It remembers where its
// text came from, so that a place in the request can be told as a line of a
// file.
type rendered struct {
	body    string
	sources []source // of the messages, by their index; of a filled request one, for all
	whole   bool     // the sources are those of the body, not of messages
}

// source maps a filled text to the template it came from.
type source struct {
	file     string
	template string
	spans    []filled
}

// filled is a variable's place in the text and in the template.
type filled struct {
	from, to  int // in the text
	back      int // in the template, where the variable stands
	backAfter int // in the template, behind it
}

// line is the line of the template that a byte of the text came from.
func (s *source) line(offset int) int {
	at := offset
	for _, f := range s.spans {
		if offset < f.from {
			break
		}
		if at = f.back; offset >= f.to {
			at = f.backAfter + offset - f.to
		}
	}
	return 1 + strings.Count(s.template[:min(at, len(s.template))], "\n")
}

// fillText fills the variables of a template. Values pass through quote.
func fillText(file, template string, picked map[string]string, quote func(string) string) (string, source, error) {
	src := source{file: file, template: template}
	var b strings.Builder
	last := 0
	for _, m := range variable.FindAllStringSubmatchIndex(template, -1) {
		name := template[m[2]:m[3]]
		value, ok := picked[name]
		if !ok {
			return "", source{}, fmt.Errorf("%s: line %d: there is no value for {{%s}}",
				file, 1+strings.Count(template[:m[0]], "\n"), name)
		}
		b.WriteString(template[last:m[0]])
		from := b.Len()
		b.WriteString(quote(value))
		src.spans = append(src.spans, filled{from: from, to: b.Len(), back: m[0], backAfter: m[1]})
		last = m[1]
	}
	b.WriteString(template[last:])
	return b.String(), src, nil
}

// fill makes the request of a prompt, or fills that of a request.
func (g *gate) fill(in *input) (*rendered, error) {
	picked := map[string]string{}
	if in.spec.Values != "" {
		v, err := g.loadValues(in.spec.Values)
		if err != nil {
			return nil, err
		}
		picked = v.worst(g.opts.Outline.Tokens)
	}
	if in.spec.Prompt == "" {
		return g.fillRequest(in, picked)
	}
	r := &rendered{}
	var request promptRequest
	request.Model = in.spec.Model
	for _, p := range []struct{ role, file string }{{"system", in.spec.System}, {"user", in.file}} {
		if p.file == "" {
			continue
		}
		template, err := os.ReadFile(g.path(p.file))
		if err != nil {
			return nil, err
		}
		text, src := string(template), source{file: p.file, template: string(template)}
		if in.spec.Values != "" {
			if text, src, err = fillText(p.file, text, picked, func(s string) string { return s }); err != nil {
				return nil, err
			}
		}
		request.Messages = append(request.Messages, promptMessage{p.role, text})
		r.sources = append(r.sources, src)
	}
	var err error
	r.body, err = encode(request)
	return r, err
}

// promptRequest is the request that a prompt becomes.
type promptRequest struct {
	Model    string          `json:"model"`
	Messages []promptMessage `json:"messages"`
}

type promptMessage struct {
	Role    string `json:"role"`
	Content string `json:"content"`
}

// encode writes JSON as a client would send it.
func encode(v any) (string, error) {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return "", fmt.Errorf("write the request: %w", err)
	}
	return strings.TrimSuffix(b.String(), "\n"), nil
}

// fillRequest fills the variables of a request. They stand in its strings.
func (g *gate) fillRequest(in *input, picked map[string]string) (*rendered, error) {
	template, err := os.ReadFile(g.path(in.file))
	if err != nil {
		return nil, err
	}
	quote := func(s string) string {
		q, _ := encode(s) // a string can always be written
		return q[1 : len(q)-1]
	}
	body, src, err := fillText(in.file, string(template), picked, quote)
	if err != nil {
		return nil, err
	}
	return &rendered{body: body, sources: []source{src}, whole: true}, nil
}
