package chat

// For returns the request as it would be to another model: with that model and
// with the hash that it has then. All else it shares with r, and it is as safe
// for concurrent use.
func (r *Request) For(model string) *Request {
	s, ok := scanners.Get().(*scanner)
	if !ok {
		panic("chat: the pool holds what is no scanner") // unreachable: the pool holds nothing else
	}
	defer s.release()
	to := *r
	to.Model = model
	to.Hash = s.hash(&to)
	return &to
}
