package media

const (
	// maxNeed is the most bytes that a parser may have together at once.
	maxNeed = 64 << 10
	// flowSize is how many bytes are decoded at a time for a parser that looks
	// at all of them.
	flowSize = 6 << 10
)

// want is what a parser asks for: pass over skip bytes, then hand over need.
// The zero want says that nothing more is needed.
type want struct {
	skip int64
	need int
	flow bool // hand these over as they come, in pieces; the answer to a piece says how many are left
}

// A parser reads one format. It is a machine of steps: each takes the bytes
// that the one before asked for. It allocates nothing by a number it reads.
type parser interface {
	// step takes the bytes asked for, which end at offset pos of the file, and
	// says what it wants next. The first call has none.
	step(b []byte, pos int64) (want, error)
	// finish writes what was learned to info. The file is size bytes long if it
	// ended before the parser had what it asked for, else size is -1.
	finish(info *Info, size int64) error
}

// Probe reads the header of one image or video from base64 text that streams
// past. It keeps at most 64 KiB, looks at as little as it can, and starts
// nothing that has to be stopped. It is for one goroutine.
type Probe struct {
	info    Info
	claimed string
	text    text
	parser  parser
	want    want
	pos     int64 // offset of the next byte to be skipped or taken
	buf     []byte
	small   [112]byte
	done    bool
	flowing []byte // room for a parser that looks at all bytes
}

// NewProbe returns a probe for a content part of the given kind. The media type
// is what the data URL claims, such as "image/png", in lower case, or empty: it
// only decides what the bytes leave open.
func NewProbe(kind Kind, mediaType string) *Probe {
	p := &Probe{claimed: mediaType}
	p.info.Kind = kind
	p.buf = p.small[:0]
	p.want.need = maxHead
	return p
}

// Done reports whether more text can change nothing, so that the caller need
// not write the rest.
func (p *Probe) Done() bool { return p.done }

// Write takes the next characters of the base64 text: standard alphabet,
// padded or not, without line breaks. It never fails and keeps no reference to
// chars; what is wrong with them is told by [Probe.Info].
func (p *Probe) Write(chars []byte) (int, error) {
	p.run(chars)
	return len(chars), nil
}

// run serves what is wanted for as long as there is something to serve it from.
func (p *Probe) run(chars []byte) {
	for !p.done && (len(chars) > 0 || p.text.lo < p.text.hi || p.text.bad) {
		chars = p.advance(chars)
	}
}

// Info returns what the file says of itself. It ends the text: nothing may be
// written after it.
func (p *Probe) Info() Info {
	if !p.done {
		if p.want.skip < 3 {
			p.text.flush()
		}
		p.pos += p.text.rest()
		p.run(nil)
	}
	if !p.done {
		p.end()
	}
	return p.info
}

// advance serves what is wanted from chars and returns those not yet used.
func (p *Probe) advance(chars []byte) []byte {
	if p.want.skip > 0 {
		left, rest := p.text.skip(p.want.skip, chars)
		p.pos += p.want.skip - left
		p.want.skip, chars = left, rest
	}
	if p.want.skip == 0 {
		if p.want.flow {
			return p.flow(chars)
		}
		have := len(p.buf)
		p.buf, chars = p.text.take(p.buf, p.want.need-have, chars)
		p.pos += int64(len(p.buf) - have)
	}
	switch {
	case p.text.bad:
		p.fail(fault(ErrEncoding, "a character outside the alphabet, or text after padding"))
	case p.want.skip == 0 && len(p.buf) == p.want.need:
		p.step()
	}
	return chars
}

// flow hands over bytes as they come.
func (p *Probe) flow(chars []byte) []byte {
	if p.flowing == nil {
		p.flowing = make([]byte, flowSize)
	}
	room := min(p.want.need, flowSize)
	n, rest := p.text.bulk(p.flowing[:room], chars)
	if n == 0 && !p.text.bad {
		var few []byte
		few, rest = p.text.take(p.flowing[:0], min(maxHead, room), rest)
		n = len(few)
	}
	if p.text.bad {
		p.fail(fault(ErrEncoding, "a character outside the alphabet, or text after padding"))
		return nil
	}
	if n > 0 {
		p.pos += int64(n)
		p.ask(p.parser.step(p.flowing[:n], p.pos))
	}
	return rest
}

func (p *Probe) step() {
	if p.parser == nil {
		p.recognise(p.buf)
		return
	}
	p.ask(p.parser.step(p.buf, p.pos))
}

// recognise picks the parser by the first bytes, and gives them back to it.
func (p *Probe) recognise(head []byte) {
	format := sniff(head)
	p.name(format)
	if err := format.check(p.info.Kind); err != nil {
		p.fail(err)
		return
	}
	p.parser = format.parse()
	// What is pending in left stands behind the head.
	var back [maxHead + 2]byte
	n := copy(back[:], head)
	n += copy(back[n:], p.text.left[p.text.lo:p.text.hi])
	p.text.left, p.text.lo, p.text.hi = back, 0, n
	p.pos = 0
	p.ask(p.parser.step(nil, 0))
}

// name tells the format. The bytes of MPEG video are the same whether it is
// called mpeg or mpg, so there the claim decides.
func (p *Probe) name(f format) {
	p.info.Format = f.name
	if f.name == MPEG && p.claimed == "video/"+MPG {
		p.info.Format = MPG
	}
}

// ask takes a parser's answer.
func (p *Probe) ask(w want, err error) {
	p.buf = p.buf[:0]
	switch {
	case err != nil:
		p.fail(err)
	case w.need == 0:
		p.want = want{}
		p.conclude(-1)
	case w.need > maxNeed || w.skip < 0:
		p.fail(fault(ErrLimit, "a header over 64 KiB"))
	default:
		p.want = w
	}
}

// end tells the parser that the file has no more bytes.
func (p *Probe) end() {
	if p.parser != nil {
		p.conclude(p.pos)
		return
	}
	if p.pos == 0 {
		p.fail(fault(ErrTruncated, "no content"))
		return
	}
	format := sniff(p.buf)
	p.name(format)
	if err := format.check(p.info.Kind); err != nil {
		p.fail(err)
		return
	}
	p.fail(fault(ErrTruncated, "shorter than any file of its format"))
}

// conclude ends the probe with what the parser knows.
func (p *Probe) conclude(size int64) {
	err := p.parser.finish(&p.info, size)
	if err == nil && p.info.FramesHigh > p.pos {
		err = fault(ErrInvalid, "more frames than bytes")
	}
	p.settle(err)
}

// fail ends the probe with an error, and with whatever the parser knows.
func (p *Probe) fail(err error) {
	if p.parser != nil {
		_ = p.parser.finish(&p.info, p.pos) // the first error is the one to tell
	}
	p.settle(err)
}

func (p *Probe) settle(err error) {
	p.info.Err = err
	p.done = true
	p.parser, p.buf, p.flowing = nil, nil, nil
}
