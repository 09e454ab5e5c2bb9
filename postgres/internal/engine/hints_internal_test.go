package engine

import (
	"strconv"
	"testing"

	"github.com/assignment-go/assignment"
)

func TestHints(t *testing.T) {
	t.Run("a_slot_is_taken_from_markTaken_to_markFree", func(t *testing.T) {
		slot := newHints().of(assignment.Key{AssigneeID: "a", SubjectID: "s"})
		for _, step := range []struct {
			mark func()
			want bool
		}{{func() {}, false}, {slot.markTaken, true}, {slot.markTaken, true}, {slot.markFree, false}, {slot.markFree, false}} {
			step.mark()
			if got := slot.isTaken(); got != step.want {
				t.Fatalf("taken is %v, want %v", got, step.want)
			}
		}
	})
	t.Run("slots_in_one_bucket_are_apart", func(t *testing.T) {
		var shared bucket
		one, other := slotHint{bucket: &shared, fingerprint: 1}, slotHint{bucket: &shared, fingerprint: 3}
		one.markTaken()
		if other.isTaken() {
			t.Error("the other slot is marked")
		}
		other.markTaken()
		one.markFree()
		if one.isTaken() || !other.isTaken() {
			t.Error("the wrong slot was marked free")
		}
	})
	t.Run("a_full_bucket_forgets_a_slot_for_a_new_one", func(t *testing.T) {
		var shared bucket
		const slots = 100
		for n := range uint32(slots) {
			slotHint{bucket: &shared, fingerprint: 2*n + 1}.markTaken()
			if !(slotHint{bucket: &shared, fingerprint: 2*n + 1}).isTaken() {
				t.Fatalf("slot %d is not marked", n)
			}
		}
		remembered := 0
		for n := range uint32(slots) {
			if (slotHint{bucket: &shared, fingerprint: 2*n + 1}).isTaken() {
				remembered++
			}
		}
		if remembered != len(shared) {
			t.Errorf("%d slots are marked, want %d", remembered, len(shared))
		}
	})
	t.Run("optimism_takes_many_free_slots_and_ends_with_a_conflict", func(t *testing.T) {
		h := newHints()
		for n := range manyFree {
			if h.optimistic() {
				t.Fatalf("optimistic after %d free slots", n)
			}
			h.created(h.of(assignment.Key{AssigneeID: strconv.Itoa(n)}))
		}
		if !h.optimistic() {
			t.Errorf("not optimistic after %d free slots", manyFree)
		}
		h.conflicted(h.of(assignment.Key{AssigneeID: "taken"}))
		if h.optimistic() {
			t.Error("optimistic after a conflict")
		}
	})
	t.Run("a_created_and_a_conflicted_slot_are_taken", func(t *testing.T) {
		h := newHints()
		created, conflicted := h.of(assignment.Key{AssigneeID: "a"}), h.of(assignment.Key{AssigneeID: "b"})
		h.created(created)
		h.conflicted(conflicted)
		if !created.isTaken() || !conflicted.isTaken() {
			t.Errorf("taken is %v and %v", created.isTaken(), conflicted.isTaken())
		}
	})
}
