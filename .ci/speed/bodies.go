package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math/rand/v2"
	"slices"
	"strings"
)

// words are what texts are made of: as in any text, a few of them make up most
// of it.
var words = strings.Fields("the of and to in a is that for it as was with be by on not he his but at are this have from or had an they which one you " +
	"were all her she there would their we him been has when who will no more if out so up said what its about than into them can only other time new some " +
	"could these two may first then do any like my now over such our man me even most made after also did many off before must well back through years much " +
	"committee budget quarter minutes meeting report agreed Tuesday question answered translation warehouse subsequently unavoidable reconciliation " +
	"invoice shipment thermodynamic correspondence misunderstanding interoperability")

const (
	bodyStart = `{"model":"kimi-k2.6","temperature":1,"messages":[{"role":"system","content":"You are a helpful assistant who answers in plain words."},{"role":"user","content":"`
	bodyEnd   = `"}],"max_completion_tokens":600}`
)

// requestOf is a chat request of so many bytes, at least 200, most of them
// text.
func requestOf(size int) []byte {
	n := max(size-len(bodyStart)-len(bodyEnd), 0)
	source := rand.New(rand.NewPCG(1, 2))
	zipf := rand.NewZipf(source, 1.1, 4, uint64(len(words)-1))
	text := make([]byte, 0, n+32)
	for len(text) < n {
		text = append(text, words[zipf.Uint64()]...)
		switch source.IntN(24) {
		case 0:
			text = append(text, ". "...)
		case 1:
			text = fmt.Appendf(text, " %d ", source.IntN(3000))
		default:
			text = append(text, ' ')
		}
	}
	return slices.Concat([]byte(bodyStart), text[:n], []byte(bodyEnd))
}

// distinct are chat requests of one size, none of which was there before.
func distinct(size int) func() []byte {
	body := requestOf(size)
	place := body[len(bodyStart) : len(bodyStart)+16]
	source := rand.New(rand.NewPCG(1, rand.Uint64()))
	return func() []byte {
		copy(place, fmt.Sprintf("%016x", source.Uint64()))
		return body
	}
}

// picture is a chat request of about so many bytes, most of them an image
// whose header is that of a PNG of 1280 by 720 and whose rest is noise.
func picture(size int) []byte {
	var b bytes.Buffer
	b.WriteString("\x89PNG\r\n\x1a\n\x00\x00\x00\x0d")
	header := []byte("IHDR\x00\x00\x05\x00\x00\x00\x02\xd0\x08\x02\x00\x00\x00")
	b.Write(header)
	b.Write(binary.BigEndian.AppendUint32(nil, crc32.ChecksumIEEE(header)))
	noise := make([]byte, max(size*3/4-b.Len(), 0))
	source := rand.NewChaCha8([32]byte{1})
	_, _ = source.Read(noise)
	b.Write(noise)
	return []byte(`{"model":"kimi-k2.6","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,` +
		base64.StdEncoding.EncodeToString(b.Bytes()) + `"}},{"type":"text","text":"What is in this picture?"}]}],"max_completion_tokens":600}`)
}
