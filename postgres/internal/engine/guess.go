package engine

import (
	"hash/maphash"
	"sync/atomic"
	"time"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/coalesce"
)

// guesses is what an engine supposes about slots from what it was told lately.
// They choose which statement goes first, never what it answers: a wrong guess
// costs one statement.
type guesses struct {
	seed maphash.Seed
	// taken holds fingerprints of slots; those that share a shelf forget each
	// other when it is full.
	taken [1 << 10]shelf
	// flights let one call per slot go first: the server would make the others
	// wait, too, but with a statement that must run again.
	flights *coalesce.SingleFlight[assignment.Key]
	// free is how many creates in a row found the slot free.
	free atomic.Int64
}

// shelf has room for a few fingerprints; an empty place is 0.
type shelf [4]atomic.Uint32

// maxFollow bounds how long a call lets another one of this process go first.
// It is longer than most commits and shorter than anybody would notice when
// that other one hangs.
const maxFollow = 50 * time.Millisecond

func newGuesses() *guesses {
	return &guesses{seed: maphash.MakeSeed(), flights: coalesce.NewSingleFlight[assignment.Key](maxFollow)}
}

// slot is where the guesses about one key are.
type slot struct {
	shelf       *shelf
	fingerprint uint32
	hash        uint64
}

func (g *guesses) slot(k assignment.Key) slot {
	h := maphash.Comparable(g.seed, k)
	return slot{
		shelf:       &g.taken[h%uint64(len(g.taken))],
		fingerprint: uint32(h>>32) | 1,
		hash:        h,
	}
}

func (s slot) supposeTaken() {
	for i := range s.shelf {
		if s.shelf[i].Load() == s.fingerprint || s.shelf[i].CompareAndSwap(0, s.fingerprint) {
			return
		}
	}
	s.shelf[s.fingerprint>>1%uint32(len(s.shelf))].Store(s.fingerprint)
}

func (s slot) supposeFree() {
	for i := range s.shelf {
		s.shelf[i].CompareAndSwap(s.fingerprint, 0)
	}
}

func (s slot) supposedlyTaken() bool {
	for i := range s.shelf {
		if s.shelf[i].Load() == s.fingerprint {
			return true
		}
	}
	return false
}

// manyFree bounds what an insert costs that does not look for the holder:
// after a refusal, which takes a second statement, none is sent before so many
// creates have found their slots free.
const manyFree = 64

// calm supposes that the next slot is free, as the last ones were.
func (g *guesses) calm() bool { return g.free.Load() >= manyFree }

// SupposeFree makes the next create send the insert alone, for tests of what
// that can meet.
func (e *Engine) SupposeFree() { e.guesses.free.Store(manyFree) }

// sawFree is told of a slot that an insert has taken.
func (g *guesses) sawFree(s slot) {
	g.free.Add(1)
	s.supposeTaken()
}

// sawTaken is told of a slot that an insert has found taken.
func (g *guesses) sawTaken(s slot) {
	g.free.Store(0)
	s.supposeTaken()
}

// sawTrouble is told of a statement that failed for several calls: it costs them
// all, so that none like it is sent for a while.
func (g *guesses) sawTrouble() { g.free.Store(0) }
