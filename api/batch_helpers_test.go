package api_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/api"
)

const batchPath = "/v1/estimate/batch"

// batchAnswer is the lines of an answer, decoded.
type batchAnswer struct {
	raw     []string // in their order, without the summary
	items   []batchItem
	summary api.BatchSummary
}

// batchItem is an estimate or a problem.
type batchItem struct {
	Object   string
	Line     int
	CustomID string `json:"custom_id"`
	Code     string
	Status   int
	Detail   string
	Errors   []api.ProblemField

	Usage    api.Usage
	Cost     api.Cost
	Price    *api.Price
	Verdict  api.Verdict
	Estimate *api.Estimate
}

// readBatch reads an answer that ends with a summary.
func readBatch(t testing.TB, r io.Reader) batchAnswer {
	t.Helper()
	return readBatchFrom(t, r, 0)
}

// readBatchFrom reads an answer of which some lines were read before.
func readBatchFrom(t testing.TB, r io.Reader, before int) batchAnswer {
	t.Helper()
	all, err := io.ReadAll(r)
	require.NoError(t, err)
	require.True(t, bytes.HasSuffix(all, []byte("\n")), "%.300s", all)
	var a batchAnswer
	for line := range strings.Lines(string(all)) {
		require.Empty(t, a.summary.Object, "a line behind the summary")
		var item batchItem
		require.NoError(t, json.Unmarshal([]byte(line), &item))
		if item.Object == "batch.summary" {
			dec := json.NewDecoder(strings.NewReader(line))
			dec.DisallowUnknownFields()
			require.NoError(t, dec.Decode(&a.summary))
			continue
		}
		a.raw, a.items = append(a.raw, line), append(a.items, item)
	}
	require.Equal(t, "batch.summary", a.summary.Object)
	require.Equal(t, before+len(a.items), a.summary.Lines)
	require.Equal(t, a.summary.Lines, a.summary.Estimates+a.summary.Problems)
	return a
}

// lines sets the media type of a file of lines.
var lines = header("Content-Type", "application/x-ndjson")

// batchOf sends a file to the batch route.
func batchOf(t testing.TB, h http.Handler, query, file string) batchAnswer {
	t.Helper()
	rec := call(t, h, http.MethodPost, batchPath+query, file, lines)
	require.Equal(t, http.StatusOK, rec.Code, rec.Body.String())
	require.Equal(t, "application/x-ndjson", rec.Header().Get("Content-Type"))
	return readBatch(t, rec.Body)
}

// requestLine is a request for a model that says something.
func requestLine(model, text string) string {
	return fmt.Sprintf(`{"model":%q,"messages":[{"role":"user","content":%q}]}`, model, text)
}

// batchLine is the same as a line of a batch file.
func batchLine(id, model, text string) string {
	return fmt.Sprintf(`{"custom_id":%q,"method":"POST","url":"/v1/chat/completions","body":%s}`, id, requestLine(model, text))
}
