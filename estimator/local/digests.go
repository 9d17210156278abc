package local

import "tollgate/estimator/chat"

// digestsAhead is how many digests are looked at for a text. Where a template
// leaves something out, or prints it in another order, it is seldom far.
const digestsAhead = 8

// digests are the texts of a request whose digests are known. A prompt has them
// nearly in the order of the request, so each is looked for from the last that was
// found.
type digests struct {
	known []chat.TextDigest
	at    int // behind the last that was found
}

// of returns the digest of a text, or nil where it is not known or not near.
func (d *digests) of(text string) *[32]byte {
	for i := d.at; i < min(d.at+digestsAhead, len(d.known)); i++ {
		if d.known[i].Text == text { // mostly the same bytes at the same place
			d.at = i + 1
			return &d.known[i].Sum
		}
	}
	return nil
}
