package hints

import (
	"strconv"
	"testing"

	"github.com/assignment-go/assignment"
)

func TestHints(t *testing.T) {
	t.Run("a_slot_is_taken_from_MarkTaken_to_MarkFree", func(t *testing.T) {
		slot := New().Of(assignment.Key{AssigneeID: "a", SubjectID: "s"})
		for _, step := range []struct {
			mark func()
			want bool
		}{{func() {}, false}, {slot.MarkTaken, true}, {slot.MarkTaken, true}, {slot.MarkFree, false}, {slot.MarkFree, false}} {
			step.mark()
			if got := slot.IsTaken(); got != step.want {
				t.Fatalf("taken is %v, want %v", got, step.want)
			}
		}
	})
	t.Run("slots_in_one_bucket_are_apart", func(t *testing.T) {
		var shared bucket
		one, other := Slot{bucket: &shared, fingerprint: 1}, Slot{bucket: &shared, fingerprint: 3}
		one.MarkTaken()
		if other.IsTaken() {
			t.Error("the other slot is marked")
		}
		other.MarkTaken()
		one.MarkFree()
		if one.IsTaken() || !other.IsTaken() {
			t.Error("the wrong slot was marked free")
		}
	})
	t.Run("a_full_bucket_forgets_a_slot_for_a_new_one", func(t *testing.T) {
		var shared bucket
		const slots = 100
		for n := range uint32(slots) {
			Slot{bucket: &shared, fingerprint: 2*n + 1}.MarkTaken()
			if !(Slot{bucket: &shared, fingerprint: 2*n + 1}).IsTaken() {
				t.Fatalf("slot %d is not marked", n)
			}
		}
		remembered := 0
		for n := range uint32(slots) {
			if (Slot{bucket: &shared, fingerprint: 2*n + 1}).IsTaken() {
				remembered++
			}
		}
		if remembered != len(shared) {
			t.Errorf("%d slots are marked, want %d", remembered, len(shared))
		}
	})
	t.Run("optimism_takes_many_free_slots_and_ends_with_a_conflict", func(t *testing.T) {
		h := New()
		for n := range manyFree {
			if h.Optimistic() {
				t.Fatalf("optimistic after %d free slots", n)
			}
			h.Created(h.Of(assignment.Key{AssigneeID: strconv.Itoa(n)}))
		}
		if !h.Optimistic() {
			t.Errorf("not optimistic after %d free slots", manyFree)
		}
		h.Conflicted(h.Of(assignment.Key{AssigneeID: "taken"}))
		if h.Optimistic() {
			t.Error("optimistic after a conflict")
		}
	})
	t.Run("a_created_and_a_conflicted_slot_are_taken", func(t *testing.T) {
		h := New()
		created, conflicted := h.Of(assignment.Key{AssigneeID: "a"}), h.Of(assignment.Key{AssigneeID: "b"})
		h.Created(created)
		h.Conflicted(conflicted)
		if !created.IsTaken() || !conflicted.IsTaken() {
			t.Errorf("taken is %v and %v", created.IsTaken(), conflicted.IsTaken())
		}
	})
}
