package conformance_test

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/conformance"
)

// batchRaceMutants are correct for batches one at a time whose contexts do not end.
func batchRaceMutants() []mutant {
	return []mutant{
		{name: "batches_without_lock", rule: "race/batches_in_opposite_orders", change: unlocked},
		{name: "slots_locked_in_the_order_of_the_batch", rule: "race/batches_in_opposite_orders", open: deadlocking},
		{name: "whole_batches_lock_in_their_order", rule: "race/all_or_nothing_in_opposite_orders", open: deadlocking},
		{name: "whole_batches_without_lock", rule: "race/all_or_nothing_in_opposite_orders", change: unlocked},
		batching("conflicting_items_are_reported_as_created", "race/batches_in_opposite_orders", createdIfFree),
		batching("batch_without_the_lock", "race/batch_against_creates", func(ctx context.Context, d *driver, batch rows, opts assignment.BatchOptions) (results, error) {
			lockless := newDriver(d.table, noLock{}, d.lifecycle)
			lockless.between = yieldToOthers
			return lockless.CreateMany(ctx, batch, opts)
		}),
		{name: "same_batch_without_lock", rule: "race/same_batch_many_callers", change: unlocked},
		batching("batch_written_but_reported_as_not_written", "cancellation/batch_reports_what_happened", writesAfterCancelBatch),
		batching("rest_of_a_batch_has_no_result", "cancellation/batch_reports_what_happened", func(ctx context.Context, d *driver, batch rows, _ assignment.BatchOptions) (results, error) {
			all := make(results, len(batch))
			for i := 0; i < len(batch) && (i == 0 || ctx.Err() == nil); i++ {
				all[i] = item(d.Create(context.WithoutCancel(ctx), batch[i]))
				yieldToOthers()
			}
			return all, nil
		}),
	}
}

// writesAfterCancelBatch writes in any case, and checks the context afterwards.
func writesAfterCancelBatch(ctx context.Context, d *driver, batch rows, opts assignment.BatchOptions) (results, error) {
	all, err := d.CreateMany(context.WithoutCancel(ctx), batch, opts)
	yieldToOthers()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return all, err
}

// createdIfFree reports every item whose slot was free before the call as created.
func createdIfFree(ctx context.Context, d *driver, batch rows, opts assignment.BatchOptions) (results, error) {
	free := make(map[assignment.ID]bool)
	for _, a := range batch {
		_, taken := d.otherHolder(a)
		free[a.ID] = !taken
	}
	yieldToOthers()
	all, err := d.CreateMany(ctx, batch, opts)
	for i, a := range batch {
		if free[a.ID] && all != nil {
			all[i] = assignment.ItemResult{Assignment: a.Clone(), Outcome: assignment.OutcomeCreated}
		}
	}
	return all, err
}

// slotLocks locks slots as a database locks the rows that a transaction inserts: until its
// end, with a deadlock detector.
type slotLocks struct {
	mu    sync.Mutex
	slots map[assignment.Key]*sync.Mutex
}

func (l *slotLocks) slot(k assignment.Key) *sync.Mutex {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.slots[k] == nil {
		l.slots[k] = &sync.Mutex{}
	}
	return l.slots[k]
}

// deadlockRounds is how long a call waits before the detector fails it.
const deadlockRounds = 100

func (l *slotLocks) take(k assignment.Key) error {
	slot := l.slot(k)
	for range deadlockRounds {
		if slot.TryLock() {
			return nil
		}
		yieldToOthers()
	}
	return fmt.Errorf("%w: deadlock detected", assignment.ErrContended)
}

func (l *slotLocks) release(taken []assignment.Key) {
	for _, k := range taken {
		l.slot(k).Unlock()
	}
}

// takeAll takes the slots in the order of the batch.
func (l *slotLocks) takeAll(batch rows) (taken []assignment.Key, err error) {
	for _, a := range batch {
		if slices.Contains(taken, a.Key) {
			continue
		}
		if err := l.take(a.Key); err != nil {
			return taken, err
		}
		taken = append(taken, a.Key)
		yieldToOthers()
	}
	return taken, nil
}

func deadlocking(ctx context.Context, p assignment.Policy) (conformance.Backend, error) {
	locks := &slotLocks{slots: make(map[assignment.Key]*sync.Mutex)}
	return opener(func(d *driver) assignment.Store {
		return batcher{d, func(ctx context.Context, d *driver, batch rows, opts assignment.BatchOptions) (results, error) {
			taken, err := locks.takeAll(batch)
			defer locks.release(taken)
			if err != nil {
				return nil, err
			}
			return d.CreateMany(ctx, batch, opts)
		}}
	})(ctx, p)
}
