package gate

// RemoteError says why a server could not be asked for an estimate.
type RemoteError struct {
	Detail string // what happened, for a person, without addresses
	Fix    string

	// UnknownModel says that it was asked and knows no model of that name.
	UnknownModel bool
}

// Error returns the detail.
func (e *RemoteError) Error() string { return e.Detail }
