// Package estimator is tollgate's domain: what a chat request will take in
// tokens and in money, whether it fits, and why.
//
// It knows the estimate, the verdict and the ports it needs (a Counter, a
// Cache, a price book). It does not know HTTP, tokenizers, templates or any
// vendor's API: those are rooms of their own that fill its ports.
package estimator
