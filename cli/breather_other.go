//go:build !unix

package cli

// look does nothing: there is no waiting for a pipe here.
func (*pipe) look() {}
