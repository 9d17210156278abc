package api

import (
	"io"
	"strings"

	"tollgate/estimator"
	"tollgate/estimator/chat"
)

// AppendEstimate appends an estimate as it is answered.
func AppendEstimate(b []byte, e *estimator.Estimate) []byte { return appendEstimate(b, e) }

// EncodeEstimate is an estimate as encoding/json writes its wire type, and a new
// line.
func EncodeEstimate(e *estimator.Estimate) []byte { return encode(newEstimate(e)).Bytes() }

// KnownErrors returns the names of the domain errors that have a row of their
// own.
func KnownErrors() []string {
	names := make([]string, 0, len(known))
	for _, k := range known {
		names = append(names, k.name)
	}
	return names
}

// EstimateParameters returns the names of the query parameters of an estimate.
func EstimateParameters() []string { return (&refusals{known: estimateParameters}).list() }

// SwaggerAssets returns the names of the files that are served.
func SwaggerAssets() []string {
	names := make([]string, 0, len(swaggerAssets))
	for name := range swaggerAssets {
		names = append(names, name)
	}
	return names
}

// ScanOntoLostDisk scans a body whose file takes nothing any more, and returns
// how that is answered.
func ScanOntoLostDisk(dir, body string) *Error {
	s := newSpools(dir, 1<<20, nil).open(int64(len(body)))
	_ = s.file.Close()
	w := &spoolWriter{spool: s, lane: &lane{name: laneLarge, retry: minRetryAfter}}
	_, err := chat.Scan(io.TeeReader(strings.NewReader(body), w), chat.Options{Backing: s})
	return asError(err)
}
