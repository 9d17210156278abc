package api

// LaneLoad is what is on one of the two ways through the service.
type LaneLoad struct {
	Lane             string // "small" or "large"
	Bytes            int64  // held by bodies, and by what is made of them
	Limit            int64  // of Bytes
	WaitingForMemory int    // requests, and lines of batches
	WaitingForTurn   int
}

// Lanes returns what is on the two lanes now.
func (h *Handler) Lanes() []LaneLoad { return []LaneLoad{h.small.load(), h.large.load()} }

// Sheds returns every way in which a request can be turned away.
func Sheds() []Shed {
	var all []Shed
	for _, lane := range []string{laneSmall, laneLarge} {
		for _, reason := range []string{shedMemory, shedConcurrency, shedDisk} {
			all = append(all, Shed{Lane: lane, Reason: reason})
		}
	}
	return all
}

func (l *lane) load() LaneLoad {
	free, waiting := l.memory.state()
	return LaneLoad{
		Lane: l.name, Bytes: l.memory.size - free, Limit: l.memory.size,
		WaitingForMemory: waiting, WaitingForTurn: l.work.waiting(),
	}
}

// state is what is free of a budget, and how many wait for some.
func (b *budget) state() (free int64, waiting int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.free, b.entering.Len() + b.growing.Len()
}

func (w inOrder) waiting() int {
	_, n := w.state()
	return n
}

func (s *slots) waiting() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.queue.Len()
}
