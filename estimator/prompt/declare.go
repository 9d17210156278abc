package prompt

import "tollgate/estimator/chat"

// maxReformat is the size, in bytes of JSON, up to which tool declarations and
// arguments are parsed and printed anew; 4 MiB is more tokens than any context
// window has. Above it they stand as they were sent.
const maxReformat = 4 << 20

// declare is the text that declares tools.
func (d declaration) declare(tools []chat.Tool) string {
	list, ok := parseTools(tools)
	if !ok {
		return rawTools(tools)
	}
	switch d {
	case declareSpaced:
		return string(spacedJSON().append(nil, list))
	case declareCompact:
		for i := range list.items {
			tool := &list.items[i]
			if f := tool.get("function"); f != nil {
				f.remove("strict")
			}
			tool.last("type") // where the clients of the counts that were seen had it
		}
		return string(compactJSON().append(nil, list))
	case declareTypeScript:
	}
	list.sorted()
	text, err := typeScript(list.items)
	if err != nil || text == "" {
		return string(compactJSON().append(nil, list))
	}
	return text
}

// parseTools reads tools as the list that was sent. It is not ok for what is
// not JSON or too large to be worth it.
func parseTools(tools []chat.Tool) (*value, bool) {
	if toolBytes(tools) > maxReformat {
		return nil, false
	}
	list := &value{kind: kindArray, items: make([]value, 0, len(tools))}
	for i := range tools {
		v, err := parseJSON(tools[i].JSON)
		if err != nil {
			return nil, false
		}
		list.items = append(list.items, *v)
	}
	return list, true
}

// toolBytes is the size of tools in bytes of compact JSON.
func toolBytes(tools []chat.Tool) int {
	n := 2
	for i := range tools {
		n += len(tools[i].JSON) + 1
	}
	return n
}

// rawTools is the list of tools as it was sent.
func rawTools(tools []chat.Tool) string {
	b := make([]byte, 0, toolBytes(tools))
	b = append(b, '[')
	for i := range tools {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, tools[i].JSON...)
	}
	return string(append(b, ']'))
}
