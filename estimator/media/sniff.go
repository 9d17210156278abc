package media

import (
	"bytes"
	"encoding/binary"
)

// format is what the first bytes of a file make of it.
type format struct {
	name  string
	kind  Kind // empty for what the vendor refuses
	parse func() parser
}

// check says whether the format may stand where a kind is asked for.
func (f format) check(asked Kind) error {
	switch {
	case f.name == "":
		return fault(ErrUnrecognised, "the first bytes are of no known image or video")
	case f.kind == "":
		return fault(ErrUnsupported, f.name)
	case f.kind != asked:
		return fault(ErrKind, string(f.kind)+" where "+string(asked)+" is expected")
	case f.parse == nil:
		return fault(ErrUnsupported, f.name)
	}
	return nil
}

// sniff recognises a format by up to maxHead first bytes.
func sniff(head []byte) format {
	if len(head) >= 12 {
		if f := sniffTagged(head); f.name != "" {
			return f
		}
	}
	return sniffMagic(head)
}

// sniffMagic recognises what begins with a constant.
func sniffMagic(head []byte) format {
	for _, m := range [...]struct {
		magic string
		format
	}{
		{"\x89PNG\r\n\x1a\n", format{PNG, Image, func() parser { return new(pngParser) }}},
		{"\xff\xd8\xff", format{JPEG, Image, func() parser { return new(jpegParser) }}},
		{"GIF87a", format{GIF, Image, func() parser { return new(gifParser) }}},
		{"GIF89a", format{GIF, Image, func() parser { return new(gifParser) }}},
		{"\x1a\x45\xdf\xa3", format{WebM, Video, func() parser { return new(ebmlParser) }}},
		{"FLV\x01", format{FLV, Video, func() parser { return new(flvParser) }}},
		{asfHeaderGUID, format{WMV, Video, func() parser { return new(asfParser) }}},
		{"\x00\x00\x01\xba", format{MPEG, Video, func() parser { return new(psParser) }}},
		{"\x00\x00\x01\xb3", format{MPEG, Video, func() parser { return new(esParser) }}},
		{"%PDF-", format{name: "pdf"}},
		{"II*\x00", format{name: "tiff"}},
		{"MM\x00*", format{name: "tiff"}},
		{"\x00\x00\x01\x00", format{name: "ico"}},
		{"\xff\x0a", format{name: "jxl"}},
		{"\x00\x00\x00\x0cJXL \r\n", format{name: "jxl"}},
		{"\x00\x00\x00\x0cjP  \r\n", format{name: "jp2"}},
		{"8BPS", format{name: "psd"}},
		{"\x1f\x8b", format{name: "gzip"}},
		{"PK\x03\x04", format{name: "zip"}},
		{"OggS", format{name: "ogg"}},
	} {
		if bytes.HasPrefix(head, []byte(m.magic)) {
			return m.format
		}
	}
	if len(head) >= 4 && head[0] == 'G' && head[1] == 0x40 && head[3]&0x30 == 0x10 {
		return format{name: "mp2t"} // MPEG transport stream that begins with its tables
	}
	if len(head) >= 10 && string(head[:2]) == "BM" && binary.LittleEndian.Uint32(head[6:]) == 0 {
		return format{name: "bmp"}
	}
	return sniffMarkup(head)
}

// sniffTagged recognises what tells its format behind a length.
func sniffTagged(head []byte) format {
	switch tag := string(head[8:12]); {
	case string(head[:4]) == "RIFF" && tag == "WEBP":
		return format{WebP, Image, func() parser { return new(webpParser) }}
	case string(head[:4]) == "RIFF" && tag == "AVI ":
		return format{AVI, Video, func() parser { return new(aviParser) }}
	case string(head[4:8]) == "ftyp":
		return sniffBrand(tag)
	}
	switch string(head[4:8]) { // QuickTime from before brands
	case "moov", "mdat", "wide", "pnot":
		return format{MOV, Video, func() parser { return new(isoParser) }}
	}
	return format{}
}

// sniffBrand tells apart what shares the boxes of MP4.
func sniffBrand(brand string) format {
	iso := func() parser { return new(isoParser) }
	switch brand {
	case "heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1":
		return format{name: "heic"}
	case "avif", "avis":
		return format{name: "avif"}
	case "qt  ":
		return format{MOV, Video, iso}
	}
	if brand[:2] == "3g" {
		return format{ThreeG, Video, iso}
	}
	return format{MP4, Video, iso}
}

// sniffMarkup recognises SVG, which is text and may begin with a declaration.
func sniffMarkup(head []byte) format {
	head = bytes.TrimPrefix(head, []byte("\xef\xbb\xbf"))
	head = bytes.ToLower(bytes.TrimLeft(head, " \t\r\n"))
	switch {
	case bytes.HasPrefix(head, []byte("<svg")), bytes.HasPrefix(head, []byte("<?xml")):
		return format{name: "svg"}
	case bytes.HasPrefix(head, []byte("<!doctype")), bytes.HasPrefix(head, []byte("<html")):
		return format{name: "html"}
	}
	return format{}
}
