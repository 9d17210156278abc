package client

// BatchSummary is the last line of every answer that was not cut off. Its sums
// are over the lines with an estimate.
type BatchSummary struct {
	Object       string         `json:"object"`
	Complete     bool           `json:"complete"` // every line of the body was read and answered
	Lines        int            `json:"lines"`    // answered: estimates and problems
	Estimates    int            `json:"estimates"`
	Problems     int            `json:"problems"`
	ProblemCodes map[string]int `json:"problem_codes"`
	Decisions    BatchDecisions `json:"decisions"`
	Usage        Usage          `json:"usage"`
	Cost         BatchCost      `json:"cost"`
	Methods      map[string]int `json:"count_methods"` // estimates by count.method

	// The number of different content hashes; nil for more than 262144 of them.
	DistinctContents *int           `json:"distinct_contents"`
	Findings         map[string]int `json:"findings"` // by code

	// There when the answer is not complete; says why.
	Problem *Problem `json:"problem,omitempty"`
}

// BatchDecisions is the lines by the decision of their verdict, those that
// Enforce made problems of among them.
type BatchDecisions struct {
	Allow         int `json:"allow"`
	AllowWithCaps int `json:"allow_with_caps"`
	Deny          int `json:"deny"`
}

// BatchCost is the sums of the costs. A sum is nil when a line's cost is not
// known, as unknown is never zero, or when it is too large to be stated.
type BatchCost struct {
	Currency *Currency    `json:"currency"` // nil when there is no estimate
	Expected *Decimal     `json:"expected"`
	Low      *Decimal     `json:"low"`
	High     *Decimal     `json:"high"`
	Unknown  BatchUnknown `json:"unknown_lines"`
	Overflow bool         `json:"overflow"` // a sum is nil because it is too large
}

// BatchUnknown is how many lines' cost is not known.
type BatchUnknown struct {
	Expected int `json:"expected"`
	Low      int `json:"low"`
	High     int `json:"high"`
}
