package prompt

import (
	"strconv"
	"strings"

	"tollgate/estimator/chat"
)

// numbering writes the ids of tool calls as functions.NAME:INDEX, which is what
// the vendor's kimi-k2 server does to the ids of its clients. A nil numbering
// writes ids as they are.
type numbering struct {
	next int               // calls seen
	ids  map[string]string // as sent: as written
}

// functionPrefix begins an id in the form that the models were trained on.
const functionPrefix = "functions."

// numbering is how p writes the ids of req.
func (p *Profile) numbering(req *chat.Request) *numbering {
	if p.callIDs == idsAsSent {
		return nil
	}
	for i := range req.Messages {
		if m := &req.Messages[i]; len(m.ToolCalls()) > 0 || m.ToolCallID() != "" {
			return &numbering{ids: map[string]string{}}
		}
	}
	return nil
}

// call writes the id of a call.
func (n *numbering) call(c *chat.ToolCall) string {
	if n == nil {
		return c.ID
	}
	id := numbered(c.ID)
	if id == "" {
		id = functionPrefix + c.Name + ":" + strconv.Itoa(n.next)
	}
	n.next++
	n.ids[c.ID] = id
	return id
}

// result writes the id that a tool's result answers.
func (n *numbering) result(id string) string {
	if n == nil {
		return id
	}
	if written, ok := n.ids[id]; ok {
		return written
	}
	if written := numbered(id); written != "" {
		return written
	}
	return id
}

// numbered writes an id that carries a name and an index; it is empty for any
// other.
func numbered(id string) string {
	colon := strings.LastIndexByte(id, ':')
	if colon <= 0 {
		return ""
	}
	if _, err := strconv.ParseUint(id[colon+1:], 10, 32); err != nil {
		return ""
	}
	if strings.HasPrefix(id, functionPrefix) {
		return id
	}
	return functionPrefix + id
}
