// Package hints remembers what a store has seen of slots lately.
package hints

import (
	"context"
	"hash/maphash"
	"sync/atomic"
	"time"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/coalesce"
)

// Hints are what the calls of one store have seen of slots lately. They decide which
// statement is sent first, never what a call returns: a wrong hint costs one
// statement. The zero value is not usable; see [New].
type Hints struct {
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

// New returns hints of a store that has seen no slot yet.
func New() *Hints {
	return &Hints{seed: maphash.MakeSeed(), leaders: coalesce.NewSingleFlight[assignment.Key](maxLeaderAge)}
}

// Slot is where the hints about one slot are.
type Slot struct {
	key         assignment.Key
	bucket      *bucket
	fingerprint uint32
	hash        uint64
}

// Of returns where the hints about the slot are.
func (h *Hints) Of(k assignment.Key) Slot {
	hash := maphash.Comparable(h.seed, k)
	return Slot{
		key:         k,
		bucket:      &h.taken[hash%uint64(len(h.taken))],
		fingerprint: uint32(hash>>32) | 1,
		hash:        hash,
	}
}

// MarkTaken notes that the slot has a holder.
func (s Slot) MarkTaken() {
	for i := range s.bucket {
		if s.bucket[i].Load() == s.fingerprint || s.bucket[i].CompareAndSwap(0, s.fingerprint) {
			return
		}
	}
	s.bucket[s.fingerprint>>1%uint32(len(s.bucket))].Store(s.fingerprint)
}

// MarkFree notes that the slot has no holder.
func (s Slot) MarkFree() {
	for i := range s.bucket {
		s.bucket[i].CompareAndSwap(s.fingerprint, 0)
	}
}

// IsTaken reports whether the slot was last seen with a holder.
func (s Slot) IsTaken() bool {
	for i := range s.bucket {
		if s.bucket[i].Load() == s.fingerprint {
			return true
		}
	}
	return false
}

// Enter makes a create the leader of those that want the slot, which must call Done,
// or waits for the leader and returns nil. The error is the context's.
func (h *Hints) Enter(ctx context.Context, s Slot) (*coalesce.Leader[assignment.Key], error) {
	return h.leaders.Enter(ctx, s.hash, s.key)
}

// Optimistic reports whether the next slot is likely to be free, as the last ones
// were.
func (h *Hints) Optimistic() bool { return h.free.Load() >= manyFree }

// BeOptimistic makes the next create expect a free slot, for tests of what that can
// meet.
func (h *Hints) BeOptimistic() { h.free.Store(manyFree) }

// BackOff ends the optimism for a while.
func (h *Hints) BackOff() { h.free.Store(0) }

// Created notes that a create has found its slot free, and taken it.
func (h *Hints) Created(s Slot) {
	h.free.Add(1)
	s.MarkTaken()
}

// Conflicted notes that a create has found its slot taken.
func (h *Hints) Conflicted(s Slot) {
	h.BackOff()
	s.MarkTaken()
}
