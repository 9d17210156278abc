package gate

// RemoteError says why a server could not be asked for an estimate.
type RemoteError struct {
	Detail string // what happened, for a person, without addresses
	Fix    string
}

// Error returns the detail.
func (e *RemoteError) Error() string { return e.Detail }
