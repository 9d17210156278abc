package prompt

import (
	"cmp"
	"slices"
	"strconv"

	"tollgate/estimator/chat"
)

// answered is the calls of the last assistant message, which the tool results
// after it answer.
type answered struct {
	calls   []chat.ToolCall
	byID    map[string]int // the first call with an id
	results int            // rendered so far
	order   []result       // scratch
}

// reset begins with the calls of another message.
func (c *answered) reset(of []chat.ToolCall) {
	c.calls, c.results, c.byID = of, 0, nil
	if len(of) == 0 {
		return
	}
	c.byID = make(map[string]int, len(of))
	for k := range of {
		if _, ok := c.byID[of[k].ID]; !ok {
			c.byID[of[k].ID] = k
		}
	}
}

// result is a tool's result: the message, and the call that it answers, if one
// has its id.
type result struct {
	message int
	call    int // index in calls, or -1
}

// toolResults renders a run of tool results, and returns its length. Results
// that all name their call stand in the order of the calls.
func (r *xtml) toolResults(from int) int {
	r.order = r.order[:0]
	matched := true
	for i := from; i < len(r.req.Messages) && r.req.Messages[i].Role == roleTool; i++ {
		call := r.callOf(r.req.Messages[i].ToolCallID())
		matched = matched && call >= 0
		r.order = append(r.order, result{message: i, call: call})
	}
	if matched {
		sortByCall(r.order)
	}
	for _, res := range r.order {
		m := &r.req.Messages[res.message]
		r.results++
		name := m.Name()
		switch {
		case matched:
			name = r.calls[res.call].Name
		case name == "" && r.results <= len(r.calls):
			name = r.calls[r.results-1].Name
		}
		r.toolResult(res.message, name)
	}
	return len(r.order)
}

// callOf is the index of the first call with an id, or -1.
func (r *xtml) callOf(id string) int {
	if id == "" {
		return -1
	}
	if k, ok := r.byID[id]; ok {
		return k
	}
	return -1
}

func (r *xtml) toolResult(i int, name string) {
	r.sink.Section(Messages, i)
	r.open(tagMessage)
	r.attr(attrRole, roleTool)
	r.attr(attrTool, name)
	r.attr(attrIndex, strconv.Itoa(r.results))
	r.sink.Special(TagSep)
	r.content(i, Messages)
	r.close(tagMessage)
	r.sink.Special(EndOfMessage)
}

func sortByCall(results []result) {
	slices.SortStableFunc(results, func(a, b result) int { return cmp.Compare(a.call, b.call) })
}
