package model

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
)

// magic begins a table; its last byte is the version of the layout.
const magic = "TGAPPRX\x02"

// ErrTable is returned for bytes that are not a table of this layout.
var ErrTable = errors.New("not an approximation table")

// header follows magic, little endian; cells and weights follow it, packed.
type header struct {
	Table   Table
	Levels  [Levels]int8
	Buckets uint32
}

// bucketBytes is the packed size of a bucket: eight cells of cellBits bits.
const bucketBytes = cellBits * Ways / 8

// Encode returns the table of m in bytes.
func (m *Model) Encode() ([]byte, error) {
	var out bytes.Buffer
	out.WriteString(magic)
	h := header{Table: m.Table, Levels: m.Weights.Levels, Buckets: uint32(len(m.Pieces.Buckets))}
	if err := binary.Write(&out, binary.LittleEndian, h); err != nil {
		return nil, fmt.Errorf("encode table: %w", err)
	}
	for i := range m.Pieces.Buckets {
		out.Write(packBucket(&m.Pieces.Buckets[i]))
	}
	out.Write(m.Weights.pack())
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
	m := &Model{Table: h.Table}
	m.Weights.Levels = h.Levels
	rest = rest[size:]
	want := int64(h.Buckets)*bucketBytes + int64(len(m.Weights.Of)/2)
	if h.Buckets == 0 || int64(len(rest)) != want {
		return nil, fmt.Errorf("%w: %d bytes after the header, want %d", ErrTable, len(rest), want)
	}
	m.Pieces.Buckets = make([]Bucket, h.Buckets)
	for i := range m.Pieces.Buckets {
		m.Pieces.Buckets[i] = unpackBucket(rest[:bucketBytes])
		rest = rest[bucketBytes:]
	}
	m.Weights.unpack(rest)
	m.prepare()
	return m, nil
}

// packBucket writes cells bit after bit, lowest first.
func packBucket(b *Bucket) []byte {
	out := make([]byte, bucketBytes)
	for i := range Ways {
		cell := b.cell(i)
		for bit := range cellBits {
			at := i*cellBits + bit
			out[at/8] |= byte(cell>>bit&1) << (at % 8)
		}
	}
	return out
}

// unpackBucket reads what packBucket wrote.
func unpackBucket(packed string) (b Bucket) {
	var have, bits uint32
	i := 0
	for n := range len(packed) {
		have |= uint32(packed[n]) << bits
		if bits += 8; bits >= cellBits {
			b.fill(i, uint16(have&(1<<cellBits-1)))
			have >>= cellBits
			bits -= cellBits
			i++
		}
	}
	return b
}
