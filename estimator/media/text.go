package media

import (
	"bytes"
	"encoding/base64"
)

// maxHead is how many bytes are looked at to recognise a format.
const maxHead = 16

// text turns base64 characters into bytes as they pass, and decodes only those
// that somebody looks at: a quantum of four characters is three bytes, so to
// skip bytes is to skip characters.
type text struct {
	quad  [4]byte // characters of a quantum not yet complete
	nquad int
	left  [maxHead + 2]byte // decoded bytes not yet taken: left[lo:hi]
	lo    int
	hi    int
	tail  [2]byte // the last characters, if they were passed over
	ended bool    // padding was seen: nothing may follow
	bad   bool    // a character outside the alphabet was seen
}

// skip passes over up to n bytes and returns how many are left to skip, and the
// characters not yet used.
func (t *text) skip(n int64, in []byte) (int64, []byte) {
	drop := min(n, int64(t.hi-t.lo))
	t.lo += int(drop)
	n -= drop
	if n >= 3 {
		n, in = t.skipQuanta(n, in)
	}
	for n > 0 && n < 3 {
		if in = t.fill(in); t.lo == t.hi {
			break
		}
		drop := min(n, int64(t.hi-t.lo))
		t.lo += int(drop)
		n -= drop
	}
	return n, in
}

// skipQuanta passes over whole quanta without looking at them. What it leaves
// in quad when the characters run out in the middle of one is never decoded:
// at least that quantum is still to be skipped.
func (t *text) skipQuanta(n int64, in []byte) (int64, []byte) {
	quanta := n / 3
	have := int64(t.nquad) + int64(len(in))
	if have/4 < quanta {
		t.passed(in)
		t.nquad = int(have % 4)
		return n - have/4*3, nil
	}
	chars := quanta*4 - int64(t.nquad)
	t.passed(in[:chars])
	t.nquad = 0
	return n % 3, in[chars:]
}

// passed remembers the last characters of those passed over.
func (t *text) passed(in []byte) {
	switch n := len(in); n {
	case 0:
	case 1:
		t.tail[0], t.tail[1] = t.tail[1], in[0]
	default:
		t.tail[0], t.tail[1] = in[n-2], in[n-1]
	}
}

// rest corrects, at the end of the text, how many bytes were passed over, if
// that is how the text ended: the last quantum may be padded or not complete.
func (t *text) rest() int64 {
	switch {
	case t.nquad != 0:
		return int64(t.nquad) * 3 / 4
	case t.tail[1] != '=':
		return 0
	case t.tail[0] == '=':
		return -2
	}
	return -1
}

// take moves up to n bytes to dst.
func (t *text) take(dst []byte, n int, in []byte) ([]byte, []byte) {
	for n > 0 {
		if t.lo == t.hi {
			if in = t.fill(in); t.lo == t.hi {
				break
			}
		}
		k := min(n, t.hi-t.lo)
		dst = append(dst, t.left[t.lo:t.lo+k]...)
		t.lo += k
		n -= k
	}
	return dst, in
}

// fill decodes the next quantum into left, which must be empty. It leaves left
// empty when the characters do not suffice or are not base64.
func (t *text) fill(in []byte) []byte {
	k := copy(t.quad[t.nquad:], in)
	t.nquad += k
	if t.nquad == len(t.quad) {
		t.nquad, t.tail = 0, [2]byte{}
		t.decode(base64.StdEncoding, t.quad[:])
	}
	return in[k:]
}

// flush decodes what is left when the text ends without padding.
func (t *text) flush() {
	if t.nquad > 0 {
		n := t.nquad
		t.nquad = 0
		t.decode(base64.RawStdEncoding, t.quad[:n])
	}
}

func (t *text) decode(enc *base64.Encoding, quad []byte) {
	t.lo, t.hi = 0, 0
	if t.bad {
		return
	}
	n, err := enc.Decode(t.left[:], quad)
	// The decoder lets line breaks pass, which shows in a short result.
	if err != nil || t.ended || n == 0 || bytes.ContainsAny(quad, "\r\n") {
		t.bad = true
		return
	}
	t.hi = n
	t.ended = n < 3
}

// bulk decodes whole quanta of in into dst, as many as fit, when no byte is
// pending. It returns how many bytes it decoded and the characters not used.
func (t *text) bulk(dst, in []byte) (int, []byte) {
	if t.lo != t.hi || t.nquad != 0 || t.bad || t.ended {
		return 0, in
	}
	// The last quantum may be padded: it is left to fill.
	chars := min(len(dst)/3*4, (len(in)-1)&^3)
	if chars <= 0 {
		return 0, in
	}
	n, err := base64.StdEncoding.Decode(dst, in[:chars])
	if err != nil || n != chars/4*3 {
		t.bad = true
		return 0, nil
	}
	return n, in[chars:]
}
