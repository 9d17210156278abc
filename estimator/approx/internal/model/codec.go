package model

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
)

// magic begins a table; its last byte is the version of the layout.
const magic = "TGAPPRX\x01"

// ErrTable is returned for bytes that are not a table of this layout.
var ErrTable = errors.New("not an approximation table")

// header follows magic, little endian.
type header struct {
	Bounds  Calibration
	Buckets uint32
}

// Encode returns the table of m in bytes: magic, header, buckets, weights.
func (m *Model) Encode() ([]byte, error) {
	var out bytes.Buffer
	out.WriteString(magic)
	h := header{Bounds: m.Bounds, Buckets: uint32(len(m.Pieces.Buckets))} //nolint:gosec // thousands
	for _, part := range []any{h, m.Pieces.Buckets, m.Weights[:]} {
		if err := binary.Write(&out, binary.LittleEndian, part); err != nil {
			return nil, fmt.Errorf("encode table: %w", err)
		}
	}
	return out.Bytes(), nil
}

// Decode reads a table that Encode wrote. Its error wraps [ErrTable].
func Decode(table []byte) (*Model, error) {
	rest, ok := bytes.CutPrefix(table, []byte(magic))
	if !ok {
		return nil, fmt.Errorf("%w: it does not begin like one", ErrTable)
	}
	var h header
	size := binary.Size(h)
	if len(rest) < size {
		return nil, fmt.Errorf("%w: it ends in its header", ErrTable)
	}
	if _, err := binary.Decode(rest[:size], binary.LittleEndian, &h); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrTable, err)
	}
	m := &Model{Bounds: h.Bounds}
	rest = rest[size:]
	if want := int64(h.Buckets)*2*Ways + int64(len(m.Weights)); h.Buckets == 0 || int64(len(rest)) != want {
		return nil, fmt.Errorf("%w: %d bytes after the header, want %d", ErrTable, len(rest), want)
	}
	m.Pieces.Buckets = make([][Ways]uint16, h.Buckets)
	for i := range m.Pieces.Buckets {
		for j := range Ways {
			m.Pieces.Buckets[i][j] = binary.LittleEndian.Uint16(rest[2*(Ways*i+j):])
		}
	}
	rest = rest[2*Ways*len(m.Pieces.Buckets):]
	for i := range m.Weights {
		m.Weights[i] = int8(rest[i]) //nolint:gosec // two's complement, as written
	}
	m.Prepare()
	return m, nil
}
