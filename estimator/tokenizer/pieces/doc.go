// Package pieces cuts text the way the Kimi models do before they merge bytes
// into tokens: first at the length limits of their tokenizer, then at control
// tokens, then by the pattern into pieces. No token reaches across such a cut.
//
// The pattern, first alternative that fits, with UP = [Lu Lt Lm Lo M] and
// LO = [Ll Lm Lo M], both without Han:
//
//	Han+
//	[^\r\n L N]? UP* LO+ contraction?
//	[^\r\n L N]? UP+ LO* contraction?
//	N{1,3}
//	space? [^\s L N]+ [\r\n]*
//	\s* [\r\n]+
//	\s+ not followed by a non-space
//	\s+
//
// It is matched by hand: Go's regexp has no class intersection, no look-ahead
// and the Unicode tables of the Go release, where the pattern means those of
// [UnicodeVersion].
//
// The package knows characters and the names of control tokens. It knows no
// vocabulary, no templates and no token counts. It never fails and keeps no
// state. Text is meant to be valid UTF-8; each byte that is not part of a valid
// sequence counts as one U+FFFD, a punctuation character, of one byte.
package pieces
