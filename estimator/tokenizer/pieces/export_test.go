package pieces

// The class bits and their lookup, for the reference matcher in the tests.
const (
	ClassUp     = classUp
	ClassLo     = classLo
	ClassHan    = classHan
	ClassLetter = classLetter
	ClassNumber = classNumber
	ClassSpace  = classSpace
	ClassBreak  = classBreak
	ClassWord   = classWord
)

// ClassOf is the table lookup.
func ClassOf(r rune) uint8 { return classOf(r) }
