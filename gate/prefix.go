package gate

import (
	"crypto/sha256"
	"encoding/hex"
	"hash"

	"tollgate/estimator"
	"tollgate/estimator/chat"
)

const (
	// maxMarks is how many places inside of one segment are remembered. With
	// them a difference is found to a 64th of the segment.
	maxMarks = 64

	// leastStep is the least distance between two marks, in bytes: about 16
	// tokens, below which a difference in position is worth no money.
	leastStep = 64

	// markBytes is how much of a hash a mark is. A false match only tells the
	// difference one mark too late.
	markBytes = 3

	// digestBytes is how much of a hash tells segments and tools apart.
	digestBytes = 8
)

// prefix is what is remembered of a prompt to find out later how far another
// one agrees with it: hashes and numbers, no text.
type prefix struct {
	segments []segment
	tools    []tool
}

// segment is a stretch of the prompt.
type segment struct {
	Part    estimator.Part `json:"part"`
	Message int            `json:"message"` // estimator.NoMessage outside of messages
	Tokens  int64          `json:"tokens"`
	Bytes   int            `json:"bytes"`
	Hash    string         `json:"hash"`            // of the segment, hex
	Step    int            `json:"step,omitempty"`  // bytes between two marks
	Marks   string         `json:"marks,omitempty"` // hashes of its first Step, 2 Step, ... bytes, hex
}

// tool is a tool of the request.
type tool struct {
	Name string `json:"name"` // hash of the name, hex
	Hash string `json:"hash"` // of the whole entry, hex
}

// outlined is the prefix of a prompt with the text it was made of.
type outlined struct {
	prefix

	texts []estimator.Segment
	req   *chat.Request
}

// newOutlined takes the hashes of a prompt.
func newOutlined(req *chat.Request, texts []estimator.Segment) *outlined {
	o := &outlined{texts: texts, req: req}
	for i := range texts {
		t := &texts[i]
		s := segment{
			Part: t.Part, Message: t.Message, Tokens: t.Tokens, Bytes: len(t.Text), Hash: digest(t.Text),
		}
		if s.Step = step(len(t.Text)); t.Part == estimator.PartMedia {
			s.Step = 0 // a picture agrees as a whole or not at all
		}
		s.Marks = hex.EncodeToString(marks(t.Text, s.Step))
		o.segments = append(o.segments, s)
	}
	for i := range req.Tools {
		t := &req.Tools[i]
		var name string
		if t.Function != nil {
			name = t.Function.Name
		}
		o.tools = append(o.tools, tool{Name: digest(name), Hash: digest(t.JSON)})
	}
	return o
}

// step is the distance between the marks of a text of so many bytes; 0 when
// it is too short for any.
func step(n int) int {
	s := leastStep
	for n/s > maxMarks {
		s *= 2
	}
	if n <= s {
		return 0
	}
	return s
}

// marks are hashes of the beginnings of a text.
func marks(text string, step int) []byte {
	if step == 0 {
		return nil
	}
	var out []byte
	h := sha256.New()
	for at := step; at < len(text); at += step {
		_, _ = h.Write([]byte(text[at-step : at])) // a hash never fails
		out = append(out, sum(h)[:markBytes]...)
	}
	return out
}

func sum(h hash.Hash) []byte { return h.Sum(nil) }

// digest tells texts apart.
func digest(text string) string {
	d := sha256.Sum256([]byte(text))
	return hex.EncodeToString(d[:digestBytes])
}

// agrees returns how many bytes of a text are surely the same as those that
// the segment was made of.
func (s *segment) agrees(text string) int {
	if s.Step == 0 {
		return 0
	}
	old, err := hex.DecodeString(s.Marks)
	if err != nil {
		return 0
	}
	now := marks(text, s.Step)
	n := 0
	for ; n+markBytes <= min(len(old), len(now)); n += markBytes {
		if string(old[n:n+markBytes]) != string(now[n:n+markBytes]) {
			break
		}
	}
	return n / markBytes * s.Step
}

// same reports whether two segments are the same stretch of a prompt. Which
// message it belongs to follows from what is before it.
func (s *segment) same(t *segment) bool {
	return s.Part == t.Part && s.Bytes == t.Bytes && s.Hash == t.Hash
}
