package redis

import (
	"log/slog"
	"sync"

	"github.com/sony/gobreaker/v2"
)

// heard is what is known of a server.
type heard int

const (
	heardNothing heard = iota
	missing            // the first command failed
	leftAlone          // the breaker is open, or tries whether it may close
	answering
)

// standing knows what the log was told last of whether the server answers. A
// command may end long after others have shown the contrary: once anything is
// known, only the breaker changes it.
type standing struct {
	logger *slog.Logger

	mu     sync.Mutex
	heard  heard
	reason reason // of the last failure
}

// answered notes that a command was answered.
func (s *standing) answered() {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch s.heard {
	case heardNothing:
		s.heard = answering
	case missing:
		s.heard = answering
		s.again()
	case leftAlone, answering:
	}
}

// failed notes why the server did not answer, and that this was the first
// command.
func (s *standing) failed(why reason, first bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reason = why
	if first && s.heard == heardNothing {
		s.heard = missing
		s.gone()
	}
}

// turned notes that the breaker did.
func (s *standing) turned(from, to gobreaker.State) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case to == gobreaker.StateClosed:
		s.heard = answering
		s.again()
	case from == gobreaker.StateClosed:
		if s.heard != missing {
			s.gone()
		}
		s.heard = leftAlone
	}
}

// gone logs that the server does not answer.
func (s *standing) gone() {
	s.logger.Warn("the shared cache does not answer; going on without it until it does",
		slog.String("reason", string(s.reason)))
}

// again logs that it answers.
func (s *standing) again() { s.logger.Info("the shared cache answers again") }
