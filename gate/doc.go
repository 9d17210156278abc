// Package gate is the CI cost gate: it measures the prompts of a repository,
// compares them with a baseline that is committed beside them, and says whether
// they have grown too expensive.
//
// It knows the gate's file, cases, the baseline, how two measurements differ and
// why, where a prompt leaves the prefix that the vendor has cached, and the one
// decision that every report and the exit code read. It does not know how
// prompts are counted or priced (package estimator), how a report looks (package
// report) or the command line (package cli).
package gate
