package engine

import (
	"hash/maphash"
	"sync/atomic"
	"time"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/coalesce"
)

// hints are what an engine has seen of slots lately. They decide which statement
// is sent first, never what a call returns: a wrong hint costs one statement.
type hints struct {
	seed maphash.Seed
	// taken holds fingerprints of slots that had a holder. Those in one bucket
	// displace each other when it is full.
	taken [1 << 10]bucket
	// leaders let one call per slot go first: the server would make the others
	// wait, too, but with a statement that must run again.
	leaders *coalesce.SingleFlight[assignment.Key]
	// free is how many creates in a row found their slots free.
	free atomic.Int64
}

// bucket has room for a few fingerprints; an empty place is 0.
type bucket [4]atomic.Uint32

// maxLeaderAge bounds how long a call waits for the one that goes first. It is longer
// than most commits and shorter than anybody would notice when that one hangs.
const maxLeaderAge = 50 * time.Millisecond

// manyFree is how many creates in a row must find their slots free before one
// sends nothing but its insert, which costs a second statement on a taken slot.
const manyFree = 64

func newHints() *hints {
	return &hints{seed: maphash.MakeSeed(), leaders: coalesce.NewSingleFlight[assignment.Key](maxLeaderAge)}
}

// slotHint is where the hints about one slot are.
type slotHint struct {
	bucket      *bucket
	fingerprint uint32
	hash        uint64
}

func (h *hints) of(k assignment.Key) slotHint {
	hash := maphash.Comparable(h.seed, k)
	return slotHint{
		bucket:      &h.taken[hash%uint64(len(h.taken))],
		fingerprint: uint32(hash>>32) | 1,
		hash:        hash,
	}
}

// markTaken notes that the slot has a holder.
func (s slotHint) markTaken() {
	for i := range s.bucket {
		if s.bucket[i].Load() == s.fingerprint || s.bucket[i].CompareAndSwap(0, s.fingerprint) {
			return
		}
	}
	s.bucket[s.fingerprint>>1%uint32(len(s.bucket))].Store(s.fingerprint)
}

// markFree notes that the slot has no holder.
func (s slotHint) markFree() {
	for i := range s.bucket {
		s.bucket[i].CompareAndSwap(s.fingerprint, 0)
	}
}

// isTaken reports whether the slot was last seen with a holder.
func (s slotHint) isTaken() bool {
	for i := range s.bucket {
		if s.bucket[i].Load() == s.fingerprint {
			return true
		}
	}
	return false
}

// optimistic reports whether the next slot is likely to be free, as the last ones
// were.
func (h *hints) optimistic() bool { return h.free.Load() >= manyFree }

// created notes that a create has found its slot free, and taken it.
func (h *hints) created(s slotHint) {
	h.free.Add(1)
	s.markTaken()
}

// conflicted notes that a create has found its slot taken.
func (h *hints) conflicted(s slotHint) {
	h.backOff()
	s.markTaken()
}

// backOff ends the optimism for a while.
func (h *hints) backOff() { h.free.Store(0) }

// BeOptimistic makes the next create send nothing but its insert, for tests of
// what that can meet.
func BeOptimistic(e *Engine) { e.hints.free.Store(manyFree) }
