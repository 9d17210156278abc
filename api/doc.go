// Package api is tollgate's HTTP surface: routes, strict decoding, wire types,
// problem documents, middleware, and the annotations the published document is
// made of.
//
// It knows HTTP and it is the only package that knows gin, which its callers
// never see. It does not know how tokens are counted, what anything costs, or
// where the configuration comes from: it asks the estimator and the price book
// it was given.
package api
