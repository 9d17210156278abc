package telemetry

// Rejected reads how many spans an answer says were not taken.
var Rejected = rejected
