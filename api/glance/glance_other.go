//go:build !unix

package glance

// Take does nothing: there is no waiting for a pipe here.
func (*Glance) Take() {}
