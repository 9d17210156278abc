package prompt_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/estimator/media"
	"tollgate/estimator/prompt"
	"tollgate/pricing"
)

func TestEveryModelOfTheCatalogueHasAProfile(t *testing.T) {
	t.Parallel()
	book, err := pricing.Embedded()
	require.NoError(t, err)
	require.NotEmpty(t, book.Models())
	for _, m := range book.Models() {
		require.Equal(t, m.Family, profile(t, m.Family).Name(), m.ID)
	}
}

func TestPicturesCostByTheLimitsOfTheFamily(t *testing.T) {
	t.Parallel()
	for family, limits := range map[string]media.Limits{
		"kimi-k2.5": media.K25(), "kimi-k2.6": media.K25(), "kimi-k2.7-code": media.K25(), "kimi-k3": media.K3(), "kimi-vl": media.KimiVL(),
	} {
		require.Equal(t, limits, profile(t, family).Limits())
		var w writer
		body := `{"messages":[{"role":"user","content":[{"type":"image_url","image_url":"ms://x"}]}]}`
		profile(t, family).Render(size(request(t, body), [2]int{4000, 3000}), &w)
		require.Len(t, w.vision, 1)
		require.Equal(t, limits.ImageTokens(4000, 3000), w.vision[0].Tokens)
	}
}

func TestAProfileIsTheSameForAllWhoAsk(t *testing.T) {
	t.Parallel()
	first, _ := prompt.For("kimi-k2.5")
	second, _ := prompt.For("kimi-k2.5")
	require.Same(t, first, second)
}
