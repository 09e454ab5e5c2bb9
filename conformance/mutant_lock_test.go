package conformance_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/conformance"
)

// noLock excludes nobody.
type noLock struct{}

func (noLock) Lock()   {}
func (noLock) Unlock() {}

func unlocked(d *driver) { d.lock, d.between = noLock{}, yieldToOthers }

// lockMutants check and then write, without excluding others in between.
func lockMutants() []mutant {
	return []mutant{
		{name: "check_then_insert", rule: "race/ten_callers_one_key", change: unlocked},
		{name: "check_then_insert_with_ensure", rule: "race/ensure", change: unlocked},
		{name: "check_then_insert_of_one_id", rule: "race/one_id_many_callers", change: unlocked},
		{name: "check_then_insert_of_one_id_twice", rule: "race/one_id_two_keys", change: unlocked},
		{name: "check_then_reopen", rule: "race/reopen_against_reopen", change: unlocked},
		{name: "reopen_outside_the_lock", rule: "race/reopen_against_create", wrap: updateUnlocked},
		{name: "reassign_outside_the_lock", rule: "race/reassign_against_create", wrap: updateUnlocked},
		{name: "crosswise_reassign_outside_the_lock", rule: "race/reassign_crosswise", wrap: freesOldSlotFirst},
		{name: "conflict_with_a_closed_row", rule: "stampede/complete", wrap: func(d *driver) assignment.Store {
			return creation{d, rereadHolder}
		}},
		{name: "version_compared_outside_the_lock", rule: "race/same_version_updates", change: unlocked},
		{name: "same_change_outside_the_lock", rule: "race/same_change", wrap: checkVersionTwice},
		{name: "two_active_rows_without_lock", rule: "race/never_two_active_rows", change: unlocked},
		{name: "churn_without_lock", rule: "race/create_and_complete", change: unlocked},
		{name: "cancelled_callers_without_lock", rule: "race/cancelled_callers", change: unlocked},
		{name: "process_local_mutex", rule: "race/thirty_two_callers_two_handles", change: processLocal},
		{name: "one_lock_for_all_keys", rule: "race/independent_keys", wrap: func(d *driver) assignment.Store { return conflictIfLocked{d} }},
	}
}

// processLocal gives each handle its own mutex, which is correct within one process.
func processLocal(d *driver) { d.lock, d.between = &sync.Mutex{}, yieldToOthers }

// TestProcessLocalMutexNeedsTwoHandles shows why the suite needs a second handle.
func TestProcessLocalMutexNeedsTwoHandles(t *testing.T) {
	h := conformance.Harness{Open: opener(func(d *driver) assignment.Store {
		processLocal(d)
		return d
	})}
	result, err := conformance.CheckRule(t.Context(), h, "race/ten_callers_one_key")
	if err != nil {
		t.Fatal(err)
	}
	if result.Verdict != conformance.Pass {
		t.Errorf("on one handle: %s", result)
	}
}

type updatesUnlocked struct {
	*driver
	lockless *driver
}

func updateUnlocked(d *driver) assignment.Store {
	lockless := newDriver(d.table, noLock{}, d.lifecycle)
	lockless.between = yieldToOthers
	return updatesUnlocked{d, lockless}
}

func (s updatesUnlocked) Update(ctx context.Context, id assignment.ID, c assignment.Change) (assignment.Assignment, error) {
	return s.lockless.Update(ctx, id, c)
}

// freesFirst frees the old slot before it checks the new one.
type freesFirst struct{ *driver }

func freesOldSlotFirst(d *driver) assignment.Store { return freesFirst{d} }

func (s freesFirst) Update(ctx context.Context, id assignment.ID, c assignment.Change) (assignment.Assignment, error) {
	cur, ok := s.table.get(id)
	if !ok || c.AssigneeID == "" {
		return s.driver.Update(ctx, id, c)
	}
	nowhere := cur.Clone()
	nowhere.Key = assignment.Key{AssigneeID: "nobody", SubjectID: string(id)}
	s.table.put(nowhere)
	yieldToOthers()
	next, err := c.Apply(cur, s.lifecycle)
	if holder, taken := s.otherHolder(next); err == nil && taken {
		err = s.conflict(next.Key, holder)
	}
	if err != nil {
		s.table.put(cur)
		return assignment.Assignment{}, err
	}
	s.table.put(next)
	return next.Clone(), nil
}

// checksVersionTwice reads the row before it takes the lock.
type checksVersionTwice struct{ *driver }

func checkVersionTwice(d *driver) assignment.Store { return checksVersionTwice{d} }

func (s checksVersionTwice) Update(ctx context.Context, id assignment.ID, c assignment.Change) (assignment.Assignment, error) {
	cur, ok := s.table.get(id)
	yieldToOthers()
	if now, _ := s.table.get(id); ok && now.Version != cur.Version {
		return assignment.Assignment{}, &assignment.TransitionError{ID: id, From: now.Status, To: c.To}
	}
	return s.driver.Update(ctx, id, c)
}

// rereadHolder reads the holder of a conflict again, a moment later.
func rereadHolder(ctx context.Context, d *driver, a assignment.Assignment) (assignment.Result, error) {
	result, err := d.Create(ctx, a)
	if conflict, ok := errors.AsType[*assignment.ActiveExistsError](err); ok {
		yieldToOthers()
		now, _ := d.table.get(conflict.Existing.ID)
		conflict.Existing = now.Clone()
	}
	return result, err
}

// conflictIfLocked reports a lock that it can't get as a conflict.
type conflictIfLocked struct{ *driver }

func (s conflictIfLocked) Create(ctx context.Context, a assignment.Assignment) (assignment.Result, error) {
	mutex, ok := s.lock.(*sync.Mutex)
	if ok && !mutex.TryLock() {
		return assignment.Result{}, &assignment.ActiveExistsError{Key: a.Key}
	}
	yieldToOthers()
	mutex.Unlock()
	return s.driver.Create(ctx, a)
}
