package faults

import (
	"math/rand/v2"
	"sync"

	"github.com/assignment-go/assignment"
)

// maxClosed is how many closed assignments per key can be reopened.
const maxClosed = 16

// seenRows is what the callers of a run have seen: the last known holder of each
// key, and assignments that were closed before. It is safe for concurrent use.
type seenRows struct {
	mu     sync.Mutex
	keys   []assignment.Key
	holder map[assignment.Key]assignment.ID
	closed map[assignment.Key][]assignment.ID
}

func newSeenRows(keys []assignment.Key) *seenRows {
	return &seenRows{
		keys:   keys,
		holder: make(map[assignment.Key]assignment.ID),
		closed: make(map[assignment.Key][]assignment.ID),
	}
}

func (s *seenRows) anyKey() assignment.Key { return s.keys[rand.N(len(s.keys))] }

func (s *seenRows) add(a assignment.Assignment) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if a.Status == assignment.StatusPending {
		s.holder[a.Key] = a.ID
		return
	}
	s.closed[a.Key] = append(s.closed[a.Key], a.ID)
	s.closed[a.Key] = s.closed[a.Key][max(0, len(s.closed[a.Key])-maxClosed):]
}

// toComplete returns the last known holder, and false when none is known.
func (s *seenRows) toComplete(k assignment.Key) (assignment.ID, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	id, ok := s.holder[k]
	return id, ok
}

// toReopen returns a closed assignment, and false when none is known.
func (s *seenRows) toReopen(k assignment.Key) (assignment.ID, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	closed := s.closed[k]
	if len(closed) == 0 {
		return "", false
	}
	return closed[rand.N(len(closed))], true
}
