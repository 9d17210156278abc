package pieces

// Kind says which part of the pattern a piece was cut by.
type Kind uint8

// The kinds of pieces.
const (
	Han         Kind = iota // a run of Han characters
	Letters                 // a word, with the one character before it and the contraction after it
	Digits                  // one to three digits
	Punctuation             // neither letters, digits nor spaces, with the space before and the line breaks after
	Newline                 // white space that ends in a line break
	Space                   // white space without a line break
	// Kinds is the number of kinds; kinds count from 0.
	Kinds int = iota
)

// String returns a short lower-case name.
func (k Kind) String() string {
	switch k {
	case Han:
		return "han"
	case Letters:
		return "letters"
	case Digits:
		return "digits"
	case Punctuation:
		return "punctuation"
	case Newline:
		return "newline"
	case Space:
		return "space"
	}
	return "unknown"
}
