// Package redis is what replicas share through a Redis or Valkey server: counts
// that the vendor was asked for, who is asking for one now, and how many calls
// the vendor's account still allows.
//
// It knows how a count is written as text and told from anything else, which
// names its keys have, how long it may keep a caller waiting, and when to leave
// a server alone that does not answer. It does not know how tokens are counted,
// which counts are worth sharing, or what a request looks like: it sees keys
// and counts. Nothing it does can fail a caller: whatever is wrong with the
// server is a count that is not there, or a quota that could not be asked.
//
// A replica that finds no count claims it, so that others wait for its answer
// and the vendor is asked once. Twice only when the server is not there, when
// it loses the claim or the count, or when the vendor takes longer than anybody
// waits.
//
// It needs a single server, or one that looks like it, of Redis 5 or later or
// Valkey; a cluster's parts are not found.
//
// No content is in the server: keys are made of hashes (of a vendor key, too),
// values are numbers. With a salt, hashes and values are worth nothing to who
// does not know it, and replicas of different salts share nothing.
package redis
