package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"tollgate/estimator/tokenizer"
)

// publisher is where the vocabulary is published: with the weights of Kimi
// K2.5, whose tiktoken.model all current models share.
const publisher = "https://huggingface.co/moonshotai/Kimi-K2.5/resolve/main/tiktoken.model"

// vocabCmd is tollgate vocab.
type vocabCmd struct {
	Pull   vocabPullCmd   `cmd:"" help:"Fetch the vocabulary from its publisher, check it, and put it in place."`
	Verify vocabVerifyCmd `cmd:"" help:"Check the vocabulary that is in place."`
}

// vocabVerifyCmd is tollgate vocab verify.
type vocabVerifyCmd struct{}

// Run checks the vocabulary.
func (vocabVerifyCmd) Run(p *Process, set *settings) error {
	path, err := vocabularyPath(p, set)
	if err != nil {
		return err
	}
	if _, err = tokenizer.Open(path); err != nil {
		return &exitError{code: exitDenied, cause: fmt.Errorf("the vocabulary can not be used: %s", reasonOf(err))}
	}
	_, err = fmt.Fprintf(p.Stdout, "%s is the Kimi vocabulary (SHA-256 %s): counts are exact\n", path, tokenizer.FileSHA256)
	if err != nil {
		return fmt.Errorf("print: %w", err)
	}
	return nil
}

// vocabPullCmd is tollgate vocab pull.
type vocabPullCmd struct {
	From    string        `default:"${publisher}" placeholder:"URL" help:"Where to fetch it from: a mirror of the file."`
	Stall   time.Duration `default:"30s" help:"Give up on a connection that sends nothing for this long."`
	Retries int           `default:"3" help:"How often to go on after a connection broke."`
}

// Run fetches the vocabulary.
func (cmd vocabPullCmd) Run(p *Process, set *settings) error {
	path, err := vocabularyPath(p, set)
	if err != nil {
		return err
	}
	if _, err := tokenizer.Open(path); err == nil {
		return p.say("%s is there already and is the right one: counts are exact\n", path)
	} else if !errors.Is(err, fs.ErrNotExist) {
		_ = p.note("the file in place can not be used and will be replaced: %s\n", reasonOf(err))
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return usageError(fmt.Errorf("make the folder for the vocabulary: %s", reasonOf(err)))
	}
	d := download{
		url: cmd.From, part: path + ".part", stall: cmd.Stall, tries: cmd.Retries + 1,
		client: &http.Client{Transport: pullTransport()}, p: p,
	}
	if err := d.run(); err != nil {
		return err
	}
	if err := os.Rename(d.part, path); err != nil {
		return fmt.Errorf("put the vocabulary in place: %s", reasonOf(err))
	}
	return p.say("%s is in place, checked by its SHA-256.\n"+
		"From its next start on, tollgate counts exactly, without the network and without a key.\n", path)
}

// vocabularyPath is where the vocabulary is, or is to be.
func vocabularyPath(p *Process, set *settings) (string, error) {
	if set.Vocab != "" {
		return set.Vocab, nil
	}
	if path := defaultVocabulary(p); path != "" {
		return path, nil
	}
	return "", usageError(errors.New("there is no home directory to keep the vocabulary in: set TOLLGATE_VOCAB to a path"))
}

// say tells the user what came out.
func (p *Process) say(format string, args ...any) error {
	if _, err := fmt.Fprintf(p.Stdout, format, args...); err != nil {
		return fmt.Errorf("print: %w", err)
	}
	return nil
}

// note tells the user what goes on.
func (p *Process) note(format string, args ...any) error {
	if _, err := fmt.Fprintf(p.Stderr, "tollgate: "+format, args...); err != nil {
		return fmt.Errorf("print: %w", err)
	}
	return nil
}
