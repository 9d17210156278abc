package local

import "tollgate/estimator/prompt"

// messageSink adds up a prompt message by message.
type messageSink struct {
	sink

	message int     // the one at hand, or prompt.NoMessage
	tokens  []int64 // of each message
}

// Section notes which message comes. A message may have several sections.
func (s *messageSink) Section(section prompt.Section, message int) {
	if message != s.message {
		s.flush()
		s.message = message
	}
	s.sink.Section(section, message)
}

// flush books what has come since the last message.
func (s *messageSink) flush() {
	if s.message != prompt.NoMessage {
		s.tokens[s.message] += s.sink.count().Tokens
	}
	s.sink = sink{texts: s.texts, digests: s.digests, pause: s.pause, section: s.section}
}
