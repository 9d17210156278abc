package cli

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"unicode/utf8"

	"tollgate/estimator/media"
)

// defaultModel is the model of a request that names none. It is a fixed name,
// not the newest model, so that the same command says the same next year: the
// one that the vendor names as successor of those it retired.
const defaultModel = "kimi-k2.6"

// composition is a chat request that is made here, of one message of the user.
type composition struct {
	model string
	media []*mediaFile
	text  *string // nil: the media alone
}

// mediaFile is an image or a video that was opened and recognised.
type mediaFile struct {
	file   *os.File
	head   []byte // bytes of it that were read already
	kind   media.Kind
	format string
}

// compose opens the files and returns the request with them in it. Files are
// read while the request is: no more of them is in memory than a buffer.
func (cmd *estimateCmd) compose(p *Process) (io.ReadCloser, error) {
	// The parser has put other bytes in place of those that are none.
	if slices.ContainsFunc(p.Args, func(arg string) bool { return !utf8.ValidString(arg) }) {
		return nil, errors.New("an argument is not UTF-8: write the text in UTF-8, and give the file such a name")
	}
	c := &composition{model: cmd.Model, text: cmd.Text}
	if c.model == "" {
		c.model = defaultModel
	}
	for i, path := range cmd.Media {
		f, err := openMedia(path)
		if err != nil {
			c.close()
			return nil, fmt.Errorf("media file %d: %w", i+1, err)
		}
		c.media = append(c.media, f)
	}
	return c.stream(), nil
}

// openMedia opens an image or a video.
func openMedia(path string) (*mediaFile, error) {
	file, err := os.Open(path) //nolint:gosec // the user's own file, by the user's own word
	if err != nil {
		return nil, errors.New(reasonOf(err))
	}
	f := &mediaFile{file: file}
	if err := f.identify(); err != nil {
		_ = file.Close() // only read
		return nil, err
	}
	return f, nil
}

// identify says what the file is. Its bytes tell: a name can be wrong.
func (f *mediaFile) identify() error {
	head := make([]byte, media.IdentifyBytes)
	n, err := io.ReadFull(f.file, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New(reasonOf(err))
	}
	f.head = head[:n]
	if f.kind, f.format, err = media.Identify(f.head); err != nil {
		return fmt.Errorf("%w; give an image (png, jpeg, gif, webp) or a video (mp4, mov, webm, mkv, avi, mpeg, flv, wmv, 3gp)", err)
	}
	return nil
}

// close closes the files.
func (c *composition) close() {
	for _, f := range c.media {
		_ = f.file.Close() // only read
	}
}

// composed is a request that is written while it is read.
type composed struct {
	*io.PipeReader

	written chan error // gets one error when the writer has ended
}

// stream starts to write the request. It ends when the result is closed.
func (c *composition) stream() io.ReadCloser {
	r, w := io.Pipe()
	body := &composed{r, make(chan error, 1)}
	go func() {
		defer c.close()
		buffered := bufio.NewWriterSize(w, 64<<10)
		err := c.write(buffered)
		if err == nil {
			err = buffered.Flush()
		}
		_ = w.CloseWithError(err) // never fails
		body.written <- err
	}()
	return body
}

// Close ends the writer and returns what went wrong with the files. That the
// reader did not want all of it is no fault of theirs.
func (b *composed) Close() error {
	_ = b.PipeReader.Close() // never fails
	if err := <-b.written; err != nil && !errors.Is(err, io.ErrClosedPipe) {
		return fmt.Errorf("read the media: %s", reasonOf(err))
	}
	return nil
}

// write writes the request: the media first and then the text, as in the
// vendor's own examples.
func (c *composition) write(w io.Writer) error {
	out := &jsonWriter{w: w}
	out.raw(`{"model":`)
	out.value(c.model)
	out.raw(`,"messages":[{"role":"user","content":`)
	if len(c.media) == 0 {
		out.value(*c.text)
	} else {
		c.parts(out)
	}
	out.raw(`}]}`)
	return out.err
}

// parts writes the content parts.
func (c *composition) parts(out *jsonWriter) {
	for i, f := range c.media {
		out.raw(string("[,"[min(i, 1)]))
		out.raw(fmt.Sprintf(`{"type":"%[1]s_url","%[1]s_url":{"url":"data:%[1]s/%[2]s;base64,`, f.kind, f.format))
		out.base64(io.MultiReader(bytes.NewReader(f.head), f.file))
		out.raw(`"}}`)
	}
	if c.text != nil {
		out.raw(`,{"type":"text","text":`)
		out.value(*c.text)
		out.raw(`}`)
	}
	out.raw(`]`)
}

// jsonWriter writes JSON in pieces. After an error it writes nothing more.
type jsonWriter struct {
	w   io.Writer
	err error
}

// raw writes text as it is.
func (j *jsonWriter) raw(text string) {
	if j.err == nil {
		_, j.err = io.WriteString(j.w, text)
	}
}

// value writes a string with its quotes.
func (j *jsonWriter) value(s string) {
	b, err := json.Marshal(s)
	if err != nil {
		j.err = errors.Join(j.err, err)
	}
	j.raw(string(b))
}

// base64 writes all of r as the inside of a string.
func (j *jsonWriter) base64(r io.Reader) {
	if j.err != nil {
		return
	}
	encoder := base64.NewEncoder(base64.StdEncoding, j.w)
	if _, j.err = io.Copy(encoder, r); j.err == nil {
		j.err = encoder.Close()
	}
}
