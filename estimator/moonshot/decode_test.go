package moonshot

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestDecodeTotal(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		reply string
		want  int64
		err   error
	}{
		{reply: `{"data":{"total_tokens":80}}`, want: 80},
		{reply: " {\n\"code\":0, \"data\": {\"x\":[{}], \"total_tokens\" : 0 } }\n", want: 0},
		{reply: `{"note":"}\"{,","data":{"x":{"total_tokens":["}"]},"total_tokens":7,"y\\":8}}`, want: 7},
		{reply: `{"d\u0061ta":{"total_tokens":80}}`, want: 80},
		{reply: `{"data":{"total_tokens":134217728}}`, want: 1 << 27},
		{reply: `{"data":{"total_tokens":134217729}}`, err: errTotal},
		{reply: `{"data":{"total_tokens":99999999999999999999}}`, err: errTotal},
		{reply: `{"data":{"total_tokens":-0}}`, err: errTotal},
		{reply: `{"data":{"total_tokens":80.0}}`, err: errTotal},
		{reply: `{"data":{"total_tokens":8E1}}`, err: errTotal},
		{reply: `{"data":{"total_tokens":[80]}}`, err: errTotal},
		{reply: `{"data":{"total_tokens":true}}`, err: errTotal},
		{reply: `{"data":{"Total_Tokens":80}}`, err: errTotal},
		{reply: `{"data":{}}`, err: errTotal},
		{reply: `{"Data":{"total_tokens":80}}`, err: errShape},
		{reply: `{"total_tokens":80}`, err: errShape},
		{reply: `{"data":[{"total_tokens":80}]}`, err: errShape},
		{reply: `{"data":80}`, err: errShape},
		{reply: `[]`, err: errShape},
		{reply: `80`, err: errShape},
		{reply: `null`, err: errShape},
		{reply: `{"error":null,"data":{"total_tokens":80}}`, err: errVendor},
		{reply: `{"data":{"total_tokens":80},"error":{}}`, err: errVendor},
		{reply: `{"data":{"total_tokens":80},"data":{"total_tokens":80}}`, err: errDuplicate},
		{reply: `{"data":{"total_tokens":80,"total_\u0074okens":8}}`, err: errDuplicate},
		{reply: `{"data":{"total_tokens":80}`, err: errNotJSON},
		{reply: `{"data":{"total_tokens":80}} x`, err: errNotJSON},
		{reply: `{"data":{"total_tokens":080}}`, err: errNotJSON},
		{reply: "\xef\xbb\xbf" + `{"data":{"total_tokens":80}}`, err: errNotJSON},
		{reply: ``, err: errNotJSON},
		{reply: `<html>`, err: errNotJSON},
		{reply: strings.Repeat(`{"data":`, 9000), err: errNotJSON},
	} {
		t.Run(tt.reply[:min(len(tt.reply), 60)], func(t *testing.T) {
			t.Parallel()
			n, err := decodeTotal([]byte(tt.reply))
			require.ErrorIs(t, err, tt.err)
			require.Equal(t, tt.want, n)
		})
	}
}

// FuzzDecodeTotal holds the decoder against a plain reading of the same bytes:
// what it accepts is JSON with that very number, and is read the same when
// written anew.
func FuzzDecodeTotal(f *testing.F) {
	for _, s := range []string{
		`{"data":{"total_tokens":80}}`, `{"data":{"total_tokens":80,"total_tokens":8}}`, `{"error":{}}`,
		`{"data":{"total_tokens":8e1}}`, `{"a":[{"b":"\ud83d\ude00"}],"data":{"total_tokens":1}}`, `<html>`, `{"data":null}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, reply []byte) {
		n, err := decodeTotal(reply)
		if err != nil {
			require.Zero(t, n)
			return
		}
		require.True(t, n >= 0 && n <= maxTotal)
		var all any
		require.NoError(t, json.Unmarshal(reply, &all))
		again, err := json.Marshal(all)
		require.NoError(t, err)
		m, err := decodeTotal(again)
		require.NoError(t, err)
		require.Equal(t, n, m)
	})
}
