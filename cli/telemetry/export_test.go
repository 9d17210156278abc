package telemetry

// Rejected reads how many spans an answer says were not taken.
var Rejected = rejected

// Attributes is what the domain's keys are called in a span.
var Attributes = keys

// MaxSpans is how many spans a request gets.
const MaxSpans = maxSpans
