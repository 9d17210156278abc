package media

// Kind is what sort of media a content part carries.
type Kind string

// The kinds the vendor accepts in chat content.
const (
	Image Kind = "image"
	Video Kind = "video"
)

// Info is what a file's own header says of it.
type Info struct {
	Kind   Kind
	Format string // as the vendor names it: png, jpeg, webp, gif, mp4, mpeg, mov, avi, x-flv, mpg, webm, wmv, 3gpp; empty if not recognised
	Width  int    // stored pixels; 0 unknown
	Height int

	// Of videos: bounds of the frame count and of the average frame rate. Low
	// and high are equal where the container says the number.
	FramesLow, FramesHigh int64
	FPSLow, FPSHigh       float64 // frames a second

	Err error // why Width, Height or the frames could not be read; nil if they could
}
