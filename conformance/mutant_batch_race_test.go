package conformance_test

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/conformance"
)

// batchRaceMutants are right as long as batches come one at a time and their
// contexts last.
func batchRaceMutants() []mutant {
	return []mutant{
		{name: "batches_without_lock", rule: "race/batches_in_opposite_orders", spoil: unlocked},
		{name: "slots_locked_in_the_order_of_the_batch", rule: "race/batches_in_opposite_orders", open: deadlocking},
		{name: "whole_batches_lock_in_their_order", rule: "race/all_or_nothing_in_opposite_orders", open: deadlocking},
		{name: "whole_batches_without_lock", rule: "race/all_or_nothing_in_opposite_orders", spoil: unlocked},
		batching("items_that_meet_others_are_lost", "race/batches_in_opposite_orders", losing),
		batching("batch_beside_the_lock", "race/batch_against_creates", func(ctx context.Context, d *lab, batch rows, opts assignment.BatchOptions) (results, error) {
			loose := newLab(d.table, noLock{}, d.lifecycle)
			loose.between = linger
			return loose.CreateMany(ctx, batch, opts)
		}),
		{name: "same_batch_without_lock", rule: "race/same_batch_many_callers", spoil: unlocked},
		batching("batch_written_but_denied", "cancellation/batch_tells_the_truth", denyingBatch),
		batching("rest_of_a_batch_left_blank", "cancellation/batch_tells_the_truth", func(ctx context.Context, d *lab, batch rows, _ assignment.BatchOptions) (results, error) {
			all := make(results, len(batch))
			for i, a := range batch {
				linger()
				if i > 0 && ctx.Err() != nil {
					break
				}
				all[i] = item(d.Create(context.WithoutCancel(ctx), a))
			}
			return all, nil
		}),
	}
}

// denyingBatch writes in any case and looks at the context afterwards.
func denyingBatch(ctx context.Context, d *lab, batch rows, opts assignment.BatchOptions) (results, error) {
	all, err := d.CreateMany(context.WithoutCancel(ctx), batch, opts)
	linger()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return all, err
}

// losing says created of every item that had no holder before.
func losing(ctx context.Context, d *lab, batch rows, opts assignment.BatchOptions) (results, error) {
	free := make(map[assignment.ID]bool)
	for _, a := range batch {
		_, taken := d.rival(a)
		free[a.ID] = !taken
	}
	linger()
	all, err := d.CreateMany(ctx, batch, opts)
	for i, a := range batch {
		if free[a.ID] && all != nil {
			all[i] = assignment.ItemResult{Assignment: a.Clone(), Outcome: assignment.OutcomeCreated}
		}
	}
	return all, err
}

// slotLocks is how a database locks what a transaction has inserted: until its
// end, and with a deadlock detector.
type slotLocks struct {
	mu    sync.Mutex
	slots map[assignment.Key]chan struct{}
}

const deadlockTimeout = 20 * time.Millisecond

func (l *slotLocks) take(ctx context.Context, k assignment.Key) (release func(), err error) {
	l.mu.Lock()
	slot, ok := l.slots[k]
	if !ok {
		slot = make(chan struct{}, 1)
		l.slots[k] = slot
	}
	l.mu.Unlock()
	timeout := time.NewTimer(deadlockTimeout)
	defer timeout.Stop()
	select {
	case slot <- struct{}{}:
		return func() { <-slot }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-timeout.C:
		return nil, fmt.Errorf("%w: deadlock detected", assignment.ErrContended)
	}
}

func deadlocking(ctx context.Context, l assignment.Lifecycle) (conformance.Backend, error) {
	locks := &slotLocks{slots: make(map[assignment.Key]chan struct{})}
	return opener(func(d *lab) assignment.Store {
		return batcher{d, func(ctx context.Context, d *lab, batch rows, opts assignment.BatchOptions) (results, error) {
			locked := make(map[assignment.Key]bool)
			for _, a := range batch {
				if locked[a.Key] {
					continue
				}
				release, err := locks.take(ctx, a.Key)
				if err != nil {
					return nil, err
				}
				defer release()
				locked[a.Key] = true
				linger()
			}
			return d.CreateMany(ctx, batch, opts)
		}}
	})(ctx, l)
}
