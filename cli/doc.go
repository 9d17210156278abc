// Package cli is the composition root: it reads the environment and the
// command line, puts the parts together, and runs the commands.
//
// It is the only package that reads the environment. It knows no tokens, no
// prices and no rules of the vendor: those it asks the parts for.
package cli
