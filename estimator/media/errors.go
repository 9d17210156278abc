package media

import (
	"errors"
	"fmt"
)

// The reasons in [Info].Err. Each is wrapped with what was wrong; none ever
// holds bytes of the file.
var (
	ErrEncoding     = errors.New("not standard base64")
	ErrUnrecognised = errors.New("format not recognised")
	ErrUnsupported  = errors.New("format not accepted by the vendor")
	ErrKind         = errors.New("wrong kind of media")
	ErrTruncated    = errors.New("file ends too early")
	ErrInvalid      = errors.New("file contradicts its own format")
	ErrUnknown      = errors.New("file does not say its size or length")
	ErrLimit        = errors.New("file is beyond what is read")
)

// fault wraps one of the Err values with what was seen.
func fault(kind error, seen string) error { return fmt.Errorf("%w: %s", kind, seen) }
