// Package fakevendor is a stand-in for the vendor: a real HTTP server with the
// Kimi open platform's paths, answers, errors, limits and delays, and with
// faults that no honest server has.
//
// It knows the shapes that the vendor documents and that clients recorded. It
// does not know the vendor's vocabulary: its counts are made up but
// deterministic, right for the few texts whose count is published, and
// replaceable. It never chats, so nothing that talks to it can spend money.
//
// Tests use [Start]; anything else mounts [New]. By hand:
//
//	go run ./estimator/moonshot/fakevendor/cmd -addr 127.0.0.1:8099 -fault 429-rpm -fault-every 3
package fakevendor
