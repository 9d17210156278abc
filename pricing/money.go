package pricing

// Currency is an ISO 4217 code the vendor bills in.
type Currency string

// The two platforms bill in one currency each: platform.kimi.com (the .cn
// hosts) in CNY, platform.kimi.ai in USD. Nothing is ever converted.
const (
	CNY Currency = "CNY"
	USD Currency = "USD"
)

// Rate is a price in millionths of one currency unit per one million tokens.
// A list price of CNY 4.00 per million tokens is Rate(4_000_000).
type Rate int64

// Amount is a sum of money in 10⁻¹² of one currency unit.
//
// The unit is chosen so that tokens × Rate is an Amount with no division and
// so no rounding: (1e-6 unit / 1e6 tokens) × token = 1e-12 unit.
type Amount int64
