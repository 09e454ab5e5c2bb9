package conformance_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/conformance"
)

// noLock lets everybody in.
type noLock struct{}

func (noLock) Lock()   {}
func (noLock) Unlock() {}

func unlocked(d *lab) { d.lock, d.between = noLock{}, linger }

// lockMutants check and then write, without what keeps others out in between.
func lockMutants() []mutant {
	return []mutant{
		{name: "check_then_insert", rule: "race/ten_callers_one_key", spoil: unlocked},
		{name: "check_then_insert_with_ensure", rule: "race/ensure", spoil: unlocked},
		{name: "check_then_insert_of_one_id", rule: "race/one_id_many_callers", spoil: unlocked},
		{name: "check_then_insert_of_one_id_twice", rule: "race/one_id_two_keys", spoil: unlocked},
		{name: "check_then_reopen", rule: "race/reopen_against_reopen", spoil: unlocked},
		{name: "reopen_outside_the_lock", rule: "race/reopen_against_create", wrap: updateUnlocked},
		{name: "reassign_outside_the_lock", rule: "race/reassign_against_create", wrap: updateUnlocked},
		{name: "crosswise_reassign_outside_the_lock", rule: "race/reassign_crosswise", wrap: freeThenTake},
		{name: "conflict_with_a_closed_row", rule: "stampede/complete", wrap: func(d *lab) assignment.Store {
			return creation{d, lookAgain}
		}},
		{name: "version_compared_outside_the_lock", rule: "race/same_version_updates", spoil: unlocked},
		{name: "same_change_outside_the_lock", rule: "race/same_change", wrap: appliedTwice},
		{name: "two_at_a_moment", rule: "race/no_moment_with_two", spoil: unlocked},
		{name: "churn_without_lock", rule: "race/create_and_complete_churn", spoil: unlocked},
		{name: "cancelled_callers_without_lock", rule: "race/cancelled_callers", spoil: unlocked},
		{name: "process_local_mutex", rule: "race/thirty_two_callers_two_handles", spoil: processLocal},
		{name: "one_lock_for_all_keys", rule: "race/independent_keys", wrap: func(d *lab) assignment.Store { return busy{d} }},
	}
}

// processLocal gives each handle a mutex of its own: right within one process.
func processLocal(d *lab) { d.lock, d.between = &sync.Mutex{}, linger }

// TestProcessLocalMutexNeedsTwoHandles shows what the second handle is for.
func TestProcessLocalMutexNeedsTwoHandles(t *testing.T) {
	h := conformance.Harness{Open: opener(func(d *lab) assignment.Store {
		processLocal(d)
		return d
	})}
	result, err := conformance.JudgeRule(t.Context(), h, "race/ten_callers_one_key")
	if err != nil {
		t.Fatal(err)
	}
	if result.Verdict != conformance.Pass {
		t.Errorf("on one handle: %s", result)
	}
}

type updatesUnlocked struct {
	*lab
	loose *lab
}

func updateUnlocked(d *lab) assignment.Store {
	loose := newLab(d.table, noLock{}, d.lifecycle)
	loose.between = linger
	return updatesUnlocked{d, loose}
}

func (s updatesUnlocked) Update(ctx context.Context, id assignment.ID, c assignment.Change) (assignment.Assignment, error) {
	return s.loose.Update(ctx, id, c)
}

// freeing takes the row out of its old slot before it looks at the new one.
type freeing struct{ *lab }

func freeThenTake(d *lab) assignment.Store { return freeing{d} }

func (s freeing) Update(ctx context.Context, id assignment.ID, c assignment.Change) (assignment.Assignment, error) {
	cur, ok := s.table.get(id)
	if !ok || c.AssigneeID == "" {
		return s.lab.Update(ctx, id, c)
	}
	nowhere := cur.Clone()
	nowhere.Key = assignment.Key{AssigneeID: "nobody", SubjectID: string(id)}
	s.table.put(nowhere)
	linger()
	next, err := c.Apply(cur, s.lifecycle)
	if holder, taken := s.rival(next); err == nil && taken {
		err = s.taken(next.Key, holder)
	}
	if err != nil {
		s.table.put(cur)
		return assignment.Assignment{}, err
	}
	s.table.put(next)
	return next.Clone(), nil
}

// twice reads the row before it takes the lock.
type twice struct{ *lab }

func appliedTwice(d *lab) assignment.Store { return twice{d} }

func (s twice) Update(ctx context.Context, id assignment.ID, c assignment.Change) (assignment.Assignment, error) {
	cur, ok := s.table.get(id)
	linger()
	if now, _ := s.table.get(id); ok && now.Version != cur.Version {
		return assignment.Assignment{}, &assignment.TransitionError{ID: id, From: now.Status, To: c.To}
	}
	return s.lab.Update(ctx, id, c)
}

// lookAgain shows the holder of a conflict as it is a moment later.
func lookAgain(ctx context.Context, d *lab, a assignment.Assignment) (assignment.Result, error) {
	result, err := d.Create(ctx, a)
	if conflict, ok := errors.AsType[*assignment.ActiveExistsError](err); ok {
		linger()
		now, _ := d.table.get(conflict.Existing.ID)
		conflict.Existing = now.Clone()
	}
	return result, err
}

// busy reports a lock that it can't have as a conflict.
type busy struct{ *lab }

func (s busy) Create(ctx context.Context, a assignment.Assignment) (assignment.Result, error) {
	mutex, ok := s.lock.(*sync.Mutex)
	if ok && !mutex.TryLock() {
		return assignment.Result{}, &assignment.ActiveExistsError{Key: a.Key}
	}
	linger()
	mutex.Unlock()
	return s.lab.Create(ctx, a)
}
