package model

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
)

// magic begins a table; its last byte is the version of the layout.
const magic = "TGAPPRX\x05"

// ErrTable is returned for bytes that are not a table of this layout.
var ErrTable = errors.New("not an approximation table")

// header follows magic, little endian; pieces and weights follow it, packed.
type header struct {
	Table       Table
	Levels      [Levels]int8
	Frequencies [Levels]uint16
	Buckets     uint32
	Lists       [MaxCost]list
	PieceBytes  uint32
}

// maxBuckets is more than any table of 256 KB can fill.
const maxBuckets = 1 << 17

// Encode returns the table of m in bytes.
func (m *Model) Encode() ([]byte, error) {
	h := header{Table: m.Table, Levels: m.Weights.Levels, Buckets: uint32(len(m.Pieces.Buckets))}
	var cells bitWriter
	for i := range h.Lists {
		keys := m.Pieces.keys(i + 1)
		h.Lists[i] = newList(keys)
		h.Lists[i].write(&cells, keys)
	}
	packed := cells.bytes()
	h.PieceBytes = uint32(len(packed))
	var weights []byte
	weights, h.Frequencies = m.Weights.pack()

	var out bytes.Buffer
	out.WriteString(magic)
	if err := binary.Write(&out, binary.LittleEndian, h); err != nil {
		return nil, fmt.Errorf("encode table: %w", err)
	}
	out.Write(packed)
	out.Write(weights)
	return out.Bytes(), nil
}

// Decode reads a table that Encode wrote. Its error wraps [ErrTable].
func Decode(table string) (*Model, error) {
	rest, ok := strings.CutPrefix(table, magic)
	if !ok {
		return nil, fmt.Errorf("%w: it does not begin like one", ErrTable)
	}
	var h header
	size := binary.Size(h)
	if len(rest) < size {
		return nil, fmt.Errorf("%w: it ends in its header", ErrTable)
	}
	if _, err := binary.Decode([]byte(rest[:size]), binary.LittleEndian, &h); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrTable, err)
	}
	rest = rest[size:]
	if err := h.check(len(rest)); err != nil {
		return nil, err
	}
	m := &Model{Table: h.Table}
	m.Weights.Levels = h.Levels
	m.Pieces.Buckets = make([]Bucket, h.Buckets)
	if !m.Pieces.unpack(rest[:h.PieceBytes], &h.Lists) {
		return nil, fmt.Errorf("%w: its pieces are damaged", ErrTable)
	}
	if !m.Weights.unpack(rest[h.PieceBytes:], &h.Frequencies) {
		return nil, fmt.Errorf("%w: its weights are damaged", ErrTable)
	}
	m.prepare()
	return m, nil
}

// check refuses what can not be the header of a table with rest bytes after it.
func (h *header) check(rest int) error {
	sum := 0
	for _, f := range h.Frequencies {
		sum += int(f)
	}
	low := uint8(0)
	for _, l := range h.Lists {
		low = max(low, l.Low)
	}
	if h.Buckets == 0 || h.Buckets > maxBuckets || int64(h.PieceBytes) > int64(rest) || sum != 1<<ransBits || low > 32 {
		return fmt.Errorf("%w: its header is damaged", ErrTable)
	}
	return nil
}

// unpack fills the buckets, and reports whether packed is whole.
func (t *PieceTable) unpack(packed string, lists *[MaxCost]list) bool {
	r := bitReader{in: packed}
	limit := uint64(len(t.Buckets)) << markBits
	room := true
	for i, l := range lists {
		ok := l.read(&r, limit, func(key uint64) {
			room = room && t.enterKey(key, i+1)
		})
		if !ok || !room {
			return false
		}
	}
	return len(r.in) == 0
}
