// Package moonshot asks the vendor, Moonshot AI, how many tokens a chat request
// is.
//
// It knows the counting endpoint of the Kimi open platform: its address, its
// answer, its errors and the ways it fails; how much of the account's allowance
// counting may use, so that the traffic the account is for does not suffer; and
// it measures, with a few tiny requests whose counts are known, what the
// endpoint's number leaves out. It does not know how a chat request is parsed, how text becomes tokens, or what
// tokens cost. It reads no environment, and it never chats: nothing it sends
// is billed.
//
// What the vendor writes in an error message may name accounts, keys and
// content, so none of that text leaves this package: an [Error] speaks in its
// own sentences.
package moonshot
