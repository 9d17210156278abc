package cli

import (
	"tollgate/api"
	"tollgate/gate/term"
)

// unknownAmount stands where no amount is known.
const unknownAmount = "unknown"

// cost says what the call costs, line by line, between which bounds, and by
// which price.
func (r *report) cost() {
	c := &r.est.Cost
	r.heading("Cost in "+c.Currency, "")
	if c.Expected == nil {
		r.sentence(term.Bad, "unknown: the table has no price of "+r.est.Model+" in "+c.Currency+" for that day", 2)
		return
	}
	r.body(r.costTable(c).String(), 2)
	if p := r.est.Price; p != nil {
		r.sentence(term.Plain, "price in force since "+p.EffectiveFrom+", checked "+p.Checked+":", 2)
		r.body(r.paint.Paint(term.Dim, term.Clean(p.Source))+"\n", 2) // whole, however long: it is there to be opened
	}
}

func (r *report) costTable(c *api.Cost) *term.Table {
	var rates, amounts []string
	for _, line := range c.Lines {
		rates = append(rates, term.Decimal(line.PerMillion))
		amounts = append(amounts, term.Decimal(line.Amount))
	}
	rates = term.AlignPoints(rates...)
	amounts = term.AlignPoints(append(amounts, amount(c.Expected), amount(c.Low), amount(c.High))...)

	t := term.NewTable(term.Left, term.Right, term.Right, term.Right)
	t.Header("item", "tokens", c.Currency+" per million", c.Currency)
	for i, line := range c.Lines {
		t.Row(words(line.Item), term.Number(line.Tokens), rates[i], amounts[i])
	}
	sums := amounts[len(c.Lines):]
	t.Row("expected", "", "", r.paint.Paint(term.Strong, sums[0]))
	t.Row("lowest: all cached, no output", "", "", sums[1])
	t.Row("highest: none cached, whole output", "", "", sums[2])
	return t
}

// amount is a sum of money, or a word that it is not known.
func amount(a *string) string {
	if a == nil {
		return unknownAmount
	}
	return term.Decimal(*a)
}
