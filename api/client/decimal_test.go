package client_test

import (
	"encoding/json"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tollgate/api/client"
)

func TestDecimalsCompareExactly(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		a, b client.Decimal
		want int
	}{
		{"0.1", "0.10", 0},
		{"0", "0.000", 0},
		{"0.02", "0.1", -1},
		{"9", "10", -1},
		{"10", "9.999999999999", 1},
		{"0.000000000001", "0", 1},
		{"9007199254740993", "9007199254740992", 1}, // a float could not tell
		{"0.3", "0.30000000000000004", -1},
	} {
		got, err := tt.a.Compare(tt.b)
		require.NoError(t, err)
		require.Equal(t, tt.want, got, "%s and %s", tt.a, tt.b)
		got, err = tt.b.Compare(tt.a)
		require.NoError(t, err)
		require.Equal(t, -tt.want, got, "%s and %s", tt.b, tt.a)
	}
}

func TestDecimalsCompareAsFractionsDo(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`(0|[1-9][0-9]{0,8})(\.[0-9]{1,6})?`)
		a, b := text.Draw(t, "a"), text.Draw(t, "b")
		x, _ := new(big.Rat).SetString(a)
		y, _ := new(big.Rat).SetString(b)
		got, err := client.Decimal(a).Compare(client.Decimal(b))
		require.NoError(t, err)
		require.Equal(t, x.Cmp(y), got)
	})
}

func TestWhatIsNoPlainDecimalIsRefused(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", ".", "1.", ".5", "-1", "+1", "1e3", "01", "00", "1,5", "1 ", " 1", "0x1", "NaN", "1.2.3", "٣",
		"10000000000000000000000000000000000000000000000000000000000000000",
	} {
		d := client.Decimal(text)
		require.ErrorIs(t, d.Check(), client.ErrDecimal, text)
		_, err := d.Compare("1")
		require.ErrorIs(t, err, client.ErrDecimal, text)
		_, err = client.Decimal("1").Compare(d)
		require.ErrorIs(t, err, client.ErrDecimal, text)
		var read struct{ Amount client.Decimal }
		encoded, err := json.Marshal(map[string]string{"Amount": text})
		require.NoError(t, err)
		require.Error(t, json.Unmarshal(encoded, &read), text)
	}
	var read struct{ Amount client.Decimal }
	require.Error(t, json.Unmarshal([]byte(`{"Amount":0.5}`), &read), "money is never a number")
}

func TestAQuantityIsMoneyOrTokens(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]client.Quantity{
		`"0.02"`: {Money: "0.02"}, `42`: {Tokens: 42}, `-7`: {Tokens: -7}, `"0"`: {Money: "0"},
	} {
		var q client.Quantity
		require.NoError(t, json.Unmarshal([]byte(text), &q))
		require.Equal(t, want, q)
		again, err := json.Marshal(q)
		require.NoError(t, err)
		require.JSONEq(t, text, string(again))
	}
	for _, text := range []string{`"x"`, `""`, `1.5`, `true`, `[]`, `{}`} {
		require.Error(t, json.Unmarshal([]byte(text), &client.Quantity{}), text)
	}
	require.Equal(t, "0.02", client.Quantity{Money: "0.02"}.String())
	require.Equal(t, "42", client.Quantity{Tokens: 42}.String())
}
