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
// union is the token of the lowest number, the leftmost first.
//
// Doing that by the letter is slow, so three things answer faster, and each is
// exact for the reasons given where it is written:
//
//   - a hash set of whole tokens, keyed by their packed bytes (whole.go),
//   - for Han, which has long pieces, a filter of the pairs of characters that
//     no token spans; text can be cut there (han.go),
//   - for the rest, longest match from the left, corrected where two tokens can
//     not stand side by side (backtrack.go). It takes linear time, where merging
//     takes the square of the length of a piece.
package tokenizer
