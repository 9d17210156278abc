// Package tokenizer counts the tokens of text exactly as the Kimi models see
// them, with their published vocabulary, on this machine.
//
// It knows the vocabulary's file, the merging of bytes into tokens, and, from
// its subpackage pieces, the pattern and the control tokens. It does not know
// chat templates, models or prices, fetches nothing, and carries no vocabulary:
// without the file there is no [Tokenizer].
//
// # How it counts
//
// The rule is: cut text into pieces; a piece that is a token is that token;
// else start from its bytes and merge, again and again, the neighbours whose
// union is the token of the lowest number, the leftmost of equals first.
//
// That is what merge.go does. Most text never gets there, for three short cuts,
// each exact for the reason written where it is:
//
//   - whole.go: a hash set of whole tokens, keyed by their packed bytes,
//   - memo.go: the counts of pieces merged a little before,
//   - han.go: Han has long pieces, but no token spans most pairs of its
//     characters, so that text can be cut between them.
//
// What does is merged from the characters (chars.go) and the pairs of bytes
// (bytes.go) that merge first whatever stands around them, and in windows
// (windows.go), as the end of a text seldom matters further back than a few tokens,
// and never further than some hundred bytes (vocabulary.go).
//
// They stand on properties of a vocabulary that training by merges has, and
// that vocabulary.go checks of the file it is given.
package tokenizer
