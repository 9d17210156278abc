// Package term is what a report on a terminal is made of: numbers, bars,
// colours by meaning, and tables that are aligned whatever stands in them.
//
// Everything it makes is plain ASCII but for the text it is given, and has no
// colour unless asked for. It writes nothing and reads nothing: whether there
// is a terminal, and how wide it is, its caller must know. It knows nothing of
// tokens, money or verdicts.
package term
