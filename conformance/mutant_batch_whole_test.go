package conformance_test

import (
	"context"
	"errors"

	"github.com/assignment-go/assignment"
)

// wholeBatchMutants are right as long as a batch need not be all or nothing.
func wholeBatchMutants() []mutant {
	whole := func(name, rule string, createAll batchFunc) mutant {
		return batching(name, rule, func(ctx context.Context, d *lab, batch rows, opts assignment.BatchOptions) (results, error) {
			if opts.AllOrNothing {
				return createAll(ctx, d, batch, opts)
			}
			return d.CreateMany(ctx, batch, opts)
		})
	}
	return []mutant{
		whole("first_chunk_of_a_whole_batch", "batch/all_or_nothing_creates_all", func(ctx context.Context, d *lab, batch rows, opts assignment.BatchOptions) (results, error) {
			return d.CreateMany(ctx, batch[:min(len(batch), chunk)], opts)
		}),
		whole("one_assigner_for_all", "batch/all_or_nothing_creates_all", func(ctx context.Context, d *lab, batch rows, opts assignment.BatchOptions) (results, error) {
			all, err := d.CreateMany(ctx, batch, opts)
			for i := range all {
				all[i].Assignment.AssignedBy = batch[0].AssignedBy
			}
			return all, err
		}),
		whole("option_ignored", "batch/all_or_nothing_leaves_nothing", func(ctx context.Context, d *lab, batch rows, _ assignment.BatchOptions) (results, error) {
			return d.CreateMany(ctx, batch, assignment.BatchOptions{})
		}),
		whole("earlier_items_stay", "batch/all_or_nothing_leaves_nothing", func(ctx context.Context, d *lab, batch rows, _ assignment.BatchOptions) (results, error) {
			all, err := d.CreateMany(ctx, batch, assignment.BatchOptions{})
			for i, r := range all {
				if r.Err != nil {
					return nil, &assignment.BatchError{Index: i, Err: r.Err}
				}
			}
			return all, err
		}),
		whole("refusal_without_position", "batch/all_or_nothing_names_the_first_refusal", func(ctx context.Context, d *lab, batch rows, opts assignment.BatchOptions) (results, error) {
			all, err := d.CreateMany(ctx, batch, opts)
			if refusal, ok := errors.AsType[*assignment.BatchError](err); ok {
				err = refusal.Err
			}
			return all, err
		}),
		whole("last_refusal_is_named", "batch/all_or_nothing_names_the_first_refusal", func(ctx context.Context, d *lab, batch rows, opts assignment.BatchOptions) (results, error) {
			return atLastRefusal(d, batch, func() (results, error) { return d.CreateMany(ctx, batch, opts) })
		}),
		whole("replay_is_a_refusal", "batch/all_or_nothing_is_replayed", func(ctx context.Context, d *lab, batch rows, opts assignment.BatchOptions) (results, error) {
			for i, a := range batch {
				if own, ok := d.table.get(a.ID); ok {
					return nil, &assignment.BatchError{Index: i, Err: d.taken(a.Key, own)}
				}
			}
			return d.CreateMany(ctx, batch, opts)
		}),
		whole("one_replay_replays_all", "batch/all_or_nothing_is_replayed", func(ctx context.Context, d *lab, batch rows, opts assignment.BatchOptions) (results, error) {
			if _, ok := d.table.get(batch[0].ID); !ok {
				return d.CreateMany(ctx, batch, opts)
			}
			all := make(results, len(batch))
			for i, a := range batch {
				own, _ := d.table.get(a.ID)
				all[i] = assignment.ItemResult{Assignment: own.Clone(), Outcome: assignment.OutcomeReplayed}
			}
			return all, nil
		}),
		whole("item_by_item_with_repair", "race/all_or_nothing_is_never_seen_half_done", withRepair),
		whole("repair_after_the_context_has_ended", "cancellation/all_or_nothing_tells_the_truth", withoutRepair),
		whole("whole_batch_written_but_denied", "cancellation/all_or_nothing_tells_the_truth", denyingBatch),
	}
}

// atLastRefusal names the last item that would be refused.
func atLastRefusal(d *lab, batch rows, create func() (results, error)) (results, error) {
	all, err := create()
	refusal, ok := errors.AsType[*assignment.BatchError](err)
	if !ok {
		return all, err
	}
	for i, a := range batch {
		if holder, taken := d.rival(a); taken {
			refusal = &assignment.BatchError{Index: i, Err: d.taken(a.Key, holder)}
		}
	}
	return nil, refusal
}

// withRepair creates one by one, as a host would do without the ability, and
// takes back what it wrote when an item is refused.
func withRepair(ctx context.Context, d *lab, batch rows, _ assignment.BatchOptions) (results, error) {
	all := make(results, len(batch))
	for i, a := range batch {
		all[i] = item(d.Create(ctx, a))
		if err := all[i].Err; err != nil {
			d.undo(all[:i])
			return nil, &assignment.BatchError{Index: i, Err: err}
		}
		linger()
	}
	return all, nil
}

// withoutRepair gives up where its context ends.
func withoutRepair(ctx context.Context, d *lab, batch rows, _ assignment.BatchOptions) (results, error) {
	all := make(results, len(batch))
	for i, a := range batch {
		all[i] = item(d.Create(ctx, a))
		if err := all[i].Err; err != nil {
			return nil, err
		}
		linger()
	}
	return all, nil
}
