package faults

import (
	"math/rand/v2"
	"sync"

	"github.com/assignment-go/assignment"
)

// closedKept is how many closed assignments per key can be reopened.
const closedKept = 16

// board is what callers tell each other: whom they last saw hold a slot, and
// what was closed before.
type board struct {
	mu     sync.Mutex
	keys   []assignment.Key
	holder map[assignment.Key]assignment.ID
	closed map[assignment.Key][]assignment.ID
}

func newBoard(keys []assignment.Key) *board {
	return &board{
		keys:   keys,
		holder: make(map[assignment.Key]assignment.ID),
		closed: make(map[assignment.Key][]assignment.ID),
	}
}

func (b *board) anyKey() assignment.Key { return b.keys[rand.N(len(b.keys))] }

// saw takes note of a row.
func (b *board) saw(a assignment.Assignment) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if a.Status == assignment.StatusPending {
		b.holder[a.Key] = a.ID
		return
	}
	b.closed[a.Key] = append(b.closed[a.Key], a.ID)
	b.closed[a.Key] = b.closed[a.Key][max(0, len(b.closed[a.Key])-closedKept):]
}

// toClose returns the presumed holder, and false when none is known.
func (b *board) toClose(k assignment.Key) (assignment.ID, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	id, ok := b.holder[k]
	return id, ok
}

// toReopen returns one that was closed, and false when none is known.
func (b *board) toReopen(k assignment.Key) (assignment.ID, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	closed := b.closed[k]
	if len(closed) == 0 {
		return "", false
	}
	return closed[rand.N(len(closed))], true
}
