package conformance_test

import (
	"context"
	"errors"

	"github.com/assignment-go/assignment"
)

// wholeBatchMutants are correct for batches that are not all or nothing.
func wholeBatchMutants() []mutant {
	whole := func(name, rule string, createAll batchFunc) mutant {
		return batching(name, rule, func(ctx context.Context, d *driver, batch rows, opts assignment.BatchOptions) (results, error) {
			if opts.AllOrNothing {
				return createAll(ctx, d, batch, opts)
			}
			return d.CreateMany(ctx, batch, opts)
		})
	}
	return []mutant{
		whole("first_chunk_of_a_whole_batch", "batch/all_or_nothing_creates_all", func(ctx context.Context, d *driver, batch rows, opts assignment.BatchOptions) (results, error) {
			return d.CreateMany(ctx, batch[:min(len(batch), chunk)], opts)
		}),
		whole("one_assigner_for_all", "batch/all_or_nothing_creates_all", func(ctx context.Context, d *driver, batch rows, opts assignment.BatchOptions) (results, error) {
			all, err := d.CreateMany(ctx, batch, opts)
			for i := range all {
				all[i].Assignment.AssignedBy = batch[0].AssignedBy
			}
			return all, err
		}),
		whole("option_ignored", "batch/all_or_nothing_writes_nothing_on_failure", func(ctx context.Context, d *driver, batch rows, _ assignment.BatchOptions) (results, error) {
			return d.CreateMany(ctx, batch, assignment.BatchOptions{})
		}),
		whole("earlier_items_stay", "batch/all_or_nothing_writes_nothing_on_failure", func(ctx context.Context, d *driver, batch rows, _ assignment.BatchOptions) (results, error) {
			all, err := d.CreateMany(ctx, batch, assignment.BatchOptions{})
			for i, r := range all {
				if r.Err != nil {
					return nil, &assignment.BatchError{Index: i, Err: r.Err}
				}
			}
			return all, err
		}),
		whole("failure_without_index", "batch/all_or_nothing_reports_the_first_failure", func(ctx context.Context, d *driver, batch rows, opts assignment.BatchOptions) (results, error) {
			all, err := d.CreateMany(ctx, batch, opts)
			if failure, ok := errors.AsType[*assignment.BatchError](err); ok {
				err = failure.Err
			}
			return all, err
		}),
		whole("last_failure_is_reported", "batch/all_or_nothing_reports_the_first_failure", func(ctx context.Context, d *driver, batch rows, opts assignment.BatchOptions) (results, error) {
			return atLastFailure(d, batch, func() (results, error) { return d.CreateMany(ctx, batch, opts) })
		}),
		whole("replay_is_rejected", "batch/all_or_nothing_is_replayed", func(ctx context.Context, d *driver, batch rows, opts assignment.BatchOptions) (results, error) {
			for i, a := range batch {
				if existing, ok := d.table.get(a.ID); ok {
					return nil, &assignment.BatchError{Index: i, Err: d.conflict(a.Key, existing)}
				}
			}
			return d.CreateMany(ctx, batch, opts)
		}),
		whole("one_replay_replays_all", "batch/all_or_nothing_is_replayed", func(ctx context.Context, d *driver, batch rows, opts assignment.BatchOptions) (results, error) {
			if _, ok := d.table.get(batch[0].ID); !ok {
				return d.CreateMany(ctx, batch, opts)
			}
			all := make(results, len(batch))
			for i, a := range batch {
				existing, _ := d.table.get(a.ID)
				all[i] = assignment.ItemResult{Assignment: existing.Clone(), Outcome: assignment.OutcomeReplayed}
			}
			return all, nil
		}),
		whole("item_by_item_with_undo", "race/all_or_nothing_is_never_partially_visible", withUndo),
		whole("no_undo_after_the_context_has_ended", "cancellation/all_or_nothing_reports_what_happened", withoutUndo),
		whole("whole_batch_written_but_reported_as_not_written", "cancellation/all_or_nothing_reports_what_happened", writesAfterCancelBatch),
	}
}

// atLastFailure reports the last item that would fail.
func atLastFailure(d *driver, batch rows, create func() (results, error)) (results, error) {
	all, err := create()
	failure, ok := errors.AsType[*assignment.BatchError](err)
	if !ok {
		return all, err
	}
	for i, a := range batch {
		if holder, taken := d.otherHolder(a); taken {
			failure = &assignment.BatchError{Index: i, Err: d.conflict(a.Key, holder)}
		}
	}
	return nil, failure
}

// withUndo creates one item after the other, as a host without the ability would, and undoes
// them when an item fails.
func withUndo(ctx context.Context, d *driver, batch rows, _ assignment.BatchOptions) (results, error) {
	all := make(results, len(batch))
	for i, a := range batch {
		all[i] = item(d.Create(ctx, a))
		if err := all[i].Err; err != nil {
			d.undo(all[:i])
			return nil, &assignment.BatchError{Index: i, Err: err}
		}
		yieldToOthers()
	}
	return all, nil
}

// withoutUndo stops when its context ends.
func withoutUndo(ctx context.Context, d *driver, batch rows, _ assignment.BatchOptions) (results, error) {
	all := make(results, len(batch))
	for i, a := range batch {
		all[i] = item(d.Create(ctx, a))
		if err := all[i].Err; err != nil {
			return nil, err
		}
		yieldToOthers()
	}
	return all, nil
}
