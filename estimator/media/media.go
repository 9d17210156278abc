// Package media reads what the headers of images and videos say of them, from
// base64 text as it streams past, and works out how many tokens a Kimi model
// makes of them.
//
// It knows file formats and the vision-token formula. It decodes no picture,
// keeps no file, and knows nothing of JSON, of URLs, of the vendor's API, or of
// the text that a template puts around a picture.
package media

// Kind is what sort of media a content part carries.
type Kind string

// The kinds the vendor accepts in chat content.
const (
	Image Kind = "image"
	Video Kind = "video"
)

// The formats that a [Probe] reads, named as the vendor names them. MPEG and
// MPG are the same bytes: MPG is told where the data URL claims video/mpg. MKV
// is read because it is WebM in all but name, though the vendor does not list
// it.
const (
	PNG  = "png"
	JPEG = "jpeg"
	GIF  = "gif"
	WebP = "webp"

	MP4    = "mp4"
	MOV    = "mov"
	ThreeG = "3gpp"
	WebM   = "webm"
	MKV    = "mkv"
	AVI    = "avi"
	MPEG   = "mpeg"
	MPG    = "mpg"
	FLV    = "x-flv"
	WMV    = "wmv"
)

// Info is what a file's own header says of it.
type Info struct {
	Kind   Kind
	Format string // one of the constants above, or the name of a format the vendor refuses; empty if not recognised
	Width  int    // stored pixels; 0 unknown
	Height int

	// Of videos: bounds of the frame count and of the average frame rate. Low
	// and high are equal where the container says the number.
	FramesLow, FramesHigh int64
	FPSLow, FPSHigh       float64 // frames a second

	// Err says why Width, Height or the frames could not be read, or why the
	// file behind them can not be what its header claims; nil if all is well. It
	// wraps one of the Err values of this package. Numbers beside an error are
	// what the header claims: fit for a message, not for a count.
	Err error
}
