package pricing_test

import (
	"fmt"
	"time"

	"tollgate/pricing"
)

// What a prompt of 9 tokens and an answer of 32,768 cost, exactly.
func Example() {
	book, err := pricing.Embedded()
	if err != nil {
		fmt.Println(err)
		return
	}
	model, err := book.Model("moonshot/kimi-k2.5")
	if err != nil {
		fmt.Println(err)
		return
	}
	price, err := book.Price(model, pricing.CNY, time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC))
	if err != nil {
		fmt.Println(err)
		return
	}
	rates := price.Rates(9 + 32_768)
	input, _ := rates.InputCacheMiss.Cost(9)
	output, _ := rates.Output.Cost(32_768)
	total, _ := input.Add(output)
	fmt.Println(input, "+", output, "=", price.Currency, total)

	_, err = book.Model("kimi-k25")
	fmt.Println(err)
	// Output:
	// 0.000036 + 0.688128 = CNY 0.688164
	// unknown model: did you mean "kimi-k2.5", "kimi-k2.6" or "kimi-k3"?
}
