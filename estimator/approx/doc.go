// Package approx estimates how many Kimi tokens a text is without the
// vocabulary, from a table of at most 256 KB that is part of the program.
//
// Text is cut into pieces by the models' own rules (package pieces), which is
// exact: no token reaches over the edge of a piece, so the number of pieces is
// a lower bound of the count. What each piece costs comes from statistics of a
// corpus, in two parts:
//
//   - for pieces that are frequent in the corpus, their measured cost, under a
//     few bits of a hash of the piece;
//   - for all others, the chance that a token ends between two characters, given
//     the characters around: a sum of small weights that hashes of one to six
//     characters choose. The sum of the chances is the expected cost.
//
// The table is made by the command in the directory train, from the pieces of a
// corpus and what each of them costs. It holds no tokens, no token numbers and
// no text, none can be read back from it, and it can not be made by going
// through the vocabulary: what does not occur in the corpus is not in it.
//
// The package knows pieces and the table. It does not know chat templates, and
// it knows no text exactly: it states bounds, which come from the error it was
// measured to make on text that was not trained on.
package approx

// Version names the table: the first 48 bits of its SHA-256. Counts of different
// versions never share a cache entry.
const Version = "table-4fbb3737d8c1"
