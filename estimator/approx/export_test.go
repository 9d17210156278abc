package approx

// ReadTable reads the table anew.
func ReadTable() error {
	_, err := read()
	return err
}
