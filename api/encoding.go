package api

import (
	"bufio"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

const (
	// maxExpansion is how many bytes a byte of a compressed body may stand for,
	// beyond the first freeExpansion. Prompts in plain text stay below 10, and
	// gzip can do 1,032.
	maxExpansion  = 100
	freeExpansion = 1 << 20

	// maxZstdWindow is the largest window of a zstd frame: what a decoder should
	// take at least, by RFC 8878, and more than any ordinary level asks for.
	maxZstdWindow = 8 << 20

	// gzipMemory and zstdMemory are about what a decoder holds beside its window.
	gzipMemory = 80 << 10
	zstdMemory = 512 << 10

	// maxPooledWindow is the largest window that an idle decoder holds on to.
	maxPooledWindow = 1 << 20

	acceptedEncodings = "gzip, zstd"
)

// encodingOf returns how a body is compressed, empty if it is not.
func encodingOf(h http.Header) (string, error) {
	found := ""
	for _, line := range h["Content-Encoding"] {
		for name := range strings.SplitSeq(line, ",") {
			name = strings.ToLower(strings.TrimSpace(name))
			switch {
			case name == "" || name == "identity":
			case found != "":
				return "", unsupportedEncoding("send the body compressed once, not twice")
			case name == "gzip" || name == "x-gzip":
				found = "gzip"
			case name == "zstd":
				found = name
			default:
				return "", unsupportedEncoding("send the body compressed by gzip or zstd, or as it is, without Content-Encoding")
			}
		}
	}
	return found, nil
}

func unsupportedEncoding(detail string) *Error {
	return &Error{
		Status: http.StatusUnsupportedMediaType,
		Code:   "content_encoding_unsupported",
		Detail: detail,
	}
}

// decoder reads a compressed body. It ends with an error where that expands
// too much.
type decoder struct {
	dec  io.Reader
	wire *countingReader // what arrives
	n    int64           // bytes that came out of it
	give func()          // gives dec back; nil when there is none
}

// Read reads what the body stands for.
func (d *decoder) Read(p []byte) (int, error) {
	n, err := d.dec.Read(p)
	d.n += int64(n)
	if d.n > freeExpansion && d.n > maxExpansion*d.wire.n {
		return 0, &Error{
			Status: http.StatusRequestEntityTooLarge,
			Code:   "body_expands_too_much",
			Detail: "beyond the first MiB, a byte of the compressed body may stand for " + strconv.Itoa(maxExpansion) +
				" bytes at most; send it uncompressed",
		}
	}
	return n, d.explain(err)
}

// explain turns an error of a decoder into one to answer. That of the
// connection comes first: it is why the rest is broken.
func (d *decoder) explain(err error) error {
	switch {
	case err == nil || errors.Is(err, io.EOF) && d.wire.failed == nil:
		return err
	case d.wire.failed != nil:
		return d.wire.failed
	case errors.Is(err, zstd.ErrWindowSizeExceeded), errors.Is(err, zstd.ErrDecoderSizeExceeded):
		return windowTooLarge()
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	return &Error{
		Status: http.StatusBadRequest,
		Code:   "body_compression_broken",
		Detail: "the compressed body is broken, ends early or has bytes behind its end; compress it again",
		cause:  err,
	}
}

// close gives the decoder to the next body.
func (d *decoder) close() {
	if d.give != nil {
		d.give()
		d.give = nil
	}
}

func windowTooLarge() *Error {
	return &Error{
		Status: http.StatusRequestEntityTooLarge,
		Code:   "compression_window_too_large",
		Detail: "the zstd window is larger than 8 MiB, or larger than that of the first frame; compress the body at level 19 or lower, without long mode, as one frame",
	}
}

// newDecoder returns a decoder over r, which reads from wire. reserve is asked
// for the memory that it needs.
func newDecoder(encoding string, r io.Reader, wire *countingReader, reserve func(int64) error) (*decoder, error) {
	d := &decoder{wire: wire}
	if encoding == "gzip" {
		if err := reserve(gzipMemory); err != nil {
			return nil, err
		}
		return d, d.openGzip(r)
	}
	in := bufio.NewReaderSize(r, 4<<10)
	window, err := windowOf(in)
	if err != nil {
		return nil, err
	}
	if err := reserve(window + zstdMemory); err != nil {
		return nil, err
	}
	return d, d.openZstd(in, window)
}

// gzips and zstds hold idle decoders: a new one of either costs more than most
// bodies.
var gzips, zstds sync.Pool

func (d *decoder) openGzip(r io.Reader) error {
	dec, ok := gzips.Get().(*gzip.Reader)
	if !ok {
		dec = new(gzip.Reader)
	}
	d.dec, d.give = dec, func() { gzips.Put(dec) }
	return d.explain(atLeastSomething(dec.Reset(r)))
}

// atLeastSomething makes an error of the end of a body that is empty, which is
// nothing that a compressor makes.
func atLeastSomething(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// openZstd takes no goroutine and no more than a window of memory, for later
// frames neither.
func (d *decoder) openZstd(r io.Reader, window int64) error {
	dec, ok := zstds.Get().(*zstd.Decoder)
	if !ok {
		var err error
		dec, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true))
		if err != nil {
			return d.explain(err)
		}
	}
	d.dec, d.give = dec, func() {
		if window <= maxPooledWindow && dec.Reset(nil) == nil { // it lets go of the body
			zstds.Put(dec)
		}
	}
	most := uint64(max(window, zstd.MinWindowSize))
	return d.explain(dec.ResetWithOptions(r, zstd.WithDecoderMaxWindow(most), zstd.WithDecoderMaxMemory(most)))
}

// windowOf returns how far back the first frame of a zstd stream refers. What
// is no frame is for the decoder to tell.
func windowOf(in *bufio.Reader) (int64, error) {
	head, _ := in.Peek(zstd.HeaderMaxSize) // a shorter one may do, and a failure comes again
	var h zstd.Header
	var window uint64
	if err := h.Decode(head); err == nil {
		window = h.WindowSize
	}
	switch {
	case h.SingleSegment:
		window = h.FrameContentSize
	case h.Skippable:
		window = maxZstdWindow // unknown
	}
	if window > maxZstdWindow {
		return 0, windowTooLarge()
	}
	return int64(window), nil
}
