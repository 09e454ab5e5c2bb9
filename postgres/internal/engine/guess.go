package engine

import (
	"context"
	"hash/maphash"
	"sync"
	"sync/atomic"
	"time"

	"github.com/assignment-go/assignment"
)

// guesses is what an engine supposes about slots from what it was told lately.
// They choose which statement goes first, never what it answers: a wrong guess
// costs one statement.
type guesses struct {
	seed maphash.Seed
	// taken holds a fingerprint per cell; slots that share a cell forget each
	// other.
	taken [1 << 12]atomic.Uint32

	mu      sync.Mutex
	flights map[assignment.Key]chan struct{}
}

func newGuesses() *guesses {
	return &guesses{seed: maphash.MakeSeed(), flights: make(map[assignment.Key]chan struct{})}
}

func (g *guesses) cell(k assignment.Key) (cell *atomic.Uint32, fingerprint uint32) {
	h := maphash.Comparable(g.seed, k)
	return &g.taken[h%uint64(len(g.taken))], uint32(h>>32) | 1 // an empty cell is 0
}

func (g *guesses) supposeTaken(k assignment.Key) {
	cell, fingerprint := g.cell(k)
	cell.Store(fingerprint)
}

func (g *guesses) supposeFree(k assignment.Key) {
	cell, fingerprint := g.cell(k)
	cell.CompareAndSwap(fingerprint, 0)
}

func (g *guesses) taking(k assignment.Key) bool {
	cell, fingerprint := g.cell(k)
	return cell.Load() == fingerprint
}

// maxFollow bounds how long a call lets another one of this process go first.
// It is longer than most commits and shorter than anybody would notice when
// that other one hangs.
const maxFollow = 50 * time.Millisecond

// follow lets one call per slot go first. Who comes while it is under way waits
// for its end: the server would make it wait, too, but with a statement that
// must run again. The call that goes first gets a function to tell its end.
func (g *guesses) follow(ctx context.Context, k assignment.Key) (land func(), waited bool, err error) {
	g.mu.Lock()
	flight, busy := g.flights[k]
	if !busy {
		flight = make(chan struct{})
		g.flights[k] = flight
	}
	g.mu.Unlock()
	if !busy {
		return func() { g.land(k, flight) }, false, nil
	}
	timer := time.NewTimer(maxFollow)
	defer timer.Stop()
	select {
	case <-flight:
	case <-timer.C:
	case <-ctx.Done():
		return nil, true, ctx.Err()
	}
	return func() {}, true, nil
}

func (g *guesses) land(k assignment.Key, flight chan struct{}) {
	g.mu.Lock()
	delete(g.flights, k)
	g.mu.Unlock()
	close(flight)
}
