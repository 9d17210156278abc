package prompt

// Reformat prints a JSON value anew, with json.dumps' own separators.
func Reformat(text string) (string, error) {
	v, err := parseJSON(text)
	if err != nil {
		return "", err
	}
	return string(spacedJSON().append(nil, v)), nil
}

// MaxDepth is how deep a JSON value may nest.
const MaxDepth = maxDepth
