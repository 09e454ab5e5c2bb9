package conformance_test

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/assignment-go/assignment"
)

type (
	rows    = []assignment.Assignment
	results = []assignment.ItemResult
)

// batchFunc is a wrong CreateMany on a correct driver.
type batchFunc func(ctx context.Context, d *driver, batch rows, opts assignment.BatchOptions) (results, error)

type batcher struct {
	*driver
	createMany batchFunc
}

func (s batcher) CreateMany(ctx context.Context, batch rows, opts assignment.BatchOptions) (results, error) {
	return s.createMany(ctx, s.driver, batch, opts)
}

func batching(name, rule string, createMany batchFunc) mutant {
	return mutant{name: name, rule: rule, wrap: func(d *driver) assignment.Store { return batcher{d, createMany} }}
}

// itemwise changes the results of a correct CreateMany.
func itemwise(name, rule string, change func(d *driver, batch rows, all results) results) mutant {
	return batching(name, rule, func(ctx context.Context, d *driver, batch rows, opts assignment.BatchOptions) (results, error) {
		all, err := d.CreateMany(ctx, batch, opts)
		if err != nil {
			return nil, err
		}
		return change(d, batch, all), nil
	})
}

// batchMutants create the items of a batch wrongly.
func batchMutants() []mutant {
	return []mutant{
		batching("batch_drops_an_attribute", "batch/stores_the_rows_as_given", func(ctx context.Context, d *driver, batch rows, opts assignment.BatchOptions) (results, error) {
			batch = slices.Clone(batch)
			for i := range batch {
				batch[i].AccountID = ""
			}
			return d.CreateMany(ctx, batch, opts)
		}),
		batching("results_in_the_order_of_the_keys", "batch/results_are_at_the_index_of_their_item", func(ctx context.Context, d *driver, batch rows, opts assignment.BatchOptions) (results, error) {
			sorted := slices.Clone(batch)
			slices.SortStableFunc(sorted, byKey)
			return d.CreateMany(ctx, sorted, opts)
		}),
		itemwise("results_of_successes_only", "batch/results_are_at_the_index_of_their_item", func(_ *driver, _ rows, all results) results {
			return slices.DeleteFunc(all, func(r assignment.ItemResult) bool { return r.Err != nil })
		}),
		itemwise("successes_first", "batch/results_are_at_the_index_of_their_item", func(_ *driver, _ rows, all results) results {
			slices.SortStableFunc(all, func(a, b assignment.ItemResult) int { return failedLast(a) - failedLast(b) })
			return all
		}),
		batching("first_failure_fails_the_batch", "batch/failed_item_does_not_affect_others", func(ctx context.Context, d *driver, batch rows, _ assignment.BatchOptions) (results, error) {
			return d.CreateMany(ctx, batch, assignment.BatchOptions{AllOrNothing: true})
		}),
		batching("stops_at_the_first_failure", "batch/failed_item_does_not_affect_others", func(ctx context.Context, d *driver, batch rows, _ assignment.BatchOptions) (results, error) {
			all := make(results, len(batch))
			for i, a := range batch {
				all[i] = item(d.Create(ctx, a))
				if failedLast(all[i]) > 0 {
					break
				}
			}
			return all, nil
		}),
		itemwise("batch_conflict_without_holder", "batch/conflict_returns_the_holder", func(_ *driver, _ rows, all results) results {
			for i := range all {
				if errors.Is(all[i].Err, assignment.ErrActiveExists) {
					all[i].Err = assignment.ErrActiveExists
				}
			}
			return all
		}),
		itemwise("holders_in_another_order", "batch/conflict_returns_the_holder", func(d *driver, batch rows, all results) results {
			for i := range all {
				if errors.Is(all[i].Err, assignment.ErrActiveExists) {
					holders := d.table.all(func(a assignment.Assignment) bool { return d.holds(a.Status) })
					all[i].Err = d.conflict(batch[i].Key, slices.MinFunc(holders, inOrder))
				}
			}
			return all
		}),
		batching("batch_on_a_full_unique_index", "batch/history_is_no_conflict", func(ctx context.Context, d *driver, batch rows, opts assignment.BatchOptions) (results, error) {
			full := newDriver(d.table, d.lock, d.lifecycle)
			full.holds = func(assignment.Status) bool { return true }
			return full.CreateMany(ctx, batch, opts)
		}),
		batching("last_of_a_key_wins", "batch/first_of_duplicates_is_created", func(ctx context.Context, d *driver, batch rows, opts assignment.BatchOptions) (results, error) {
			backward := slices.Clone(batch)
			slices.Reverse(backward)
			all, err := d.CreateMany(ctx, backward, opts)
			slices.Reverse(all)
			return all, err
		}),
		batching("duplicates_are_dropped", "batch/first_of_duplicates_is_created", func(ctx context.Context, d *driver, batch rows, opts assignment.BatchOptions) (results, error) {
			all, err := d.CreateMany(ctx, batch, opts)
			first := make(map[assignment.Key]assignment.ItemResult)
			for i, a := range batch {
				if r, seen := first[a.Key]; seen {
					all[i] = r
				} else if all != nil {
					first[a.Key] = all[i]
				}
			}
			return all, err
		}),
		batching("all_checked_before_any_is_written", "batch/first_of_duplicates_is_created", checkedFirst),
		batching("first_chunk_only", "batch/any_size", func(ctx context.Context, d *driver, batch rows, opts assignment.BatchOptions) (results, error) {
			all, err := d.CreateMany(ctx, batch[:min(len(batch), chunk)], opts)
			return append(all, make(results, max(0, len(batch)-chunk))...), err
		}),
		batching("chunks_out_of_order", "batch/any_size", func(ctx context.Context, d *driver, batch rows, opts assignment.BatchOptions) (results, error) {
			var all results
			for part := range slices.Chunk(batch, chunk) {
				done, err := d.CreateMany(ctx, part, opts)
				if err != nil {
					return nil, err
				}
				all = append(done, all...)
			}
			return all, nil
		}),
		itemwise("repeated_item_is_a_conflict", "batch/repeated_batch_is_replayed", func(d *driver, batch rows, all results) results {
			for i, r := range all {
				if r.Outcome == assignment.OutcomeReplayed {
					all[i] = assignment.ItemResult{Err: d.conflict(batch[i].Key, r.Assignment)}
				}
			}
			return all
		}),
		itemwise("repeated_item_as_it_was_sent", "batch/repeated_batch_is_replayed", func(_ *driver, batch rows, all results) results {
			for i, r := range all {
				if r.Outcome == assignment.OutcomeReplayed {
					all[i].Assignment = batch[i].Clone()
				}
			}
			return all
		}),
		batching("same_item_is_created_twice", "batch/same_item_twice_is_replayed", func(ctx context.Context, d *driver, batch rows, opts assignment.BatchOptions) (results, error) {
			all, err := d.CreateMany(ctx, batch, opts)
			created := make(map[assignment.ID]bool)
			for i, r := range all {
				if r.Outcome == assignment.OutcomeCreated {
					created[r.Assignment.ID] = true
				} else if created[r.Assignment.ID] {
					all[i].Outcome = assignment.OutcomeCreated
				}
			}
			return all, err
		}),
		itemwise("reuse_in_a_batch_is_accepted", "batch/other_content_is_reuse", func(d *driver, batch rows, all results) results {
			for i := range all {
				if errors.Is(all[i].Err, assignment.ErrIDReused) {
					existing, _ := d.table.get(batch[i].ID)
					all[i] = assignment.ItemResult{Assignment: existing.Clone(), Outcome: assignment.OutcomeReplayed}
				}
			}
			return all
		}),
		batching("ids_reused_within_are_overwritten", "batch/other_content_is_reuse", func(ctx context.Context, d *driver, batch rows, opts assignment.BatchOptions) (results, error) {
			sorted := slices.Clone(batch)
			slices.Reverse(sorted)
			all, err := d.CreateMany(ctx, sorted, opts)
			slices.Reverse(all)
			return all, err
		}),
		batching("repetitions_are_processed_last", "batch/dependent_items_are_processed_in_order", func(ctx context.Context, d *driver, batch rows, opts assignment.BatchOptions) (results, error) {
			ids, keys := make(map[assignment.ID]bool), make(map[assignment.Key]bool)
			var order, late []int
			for i, a := range batch {
				if ids[a.ID] || keys[a.Key] {
					late = append(late, i)
					continue
				}
				ids[a.ID], keys[a.Key] = true, true
				order = append(order, i)
			}
			return reordered(ctx, d, batch, opts, append(order, late...))
		}),
		batching("batch_ignores_the_context", "context/ended_before_the_call", func(ctx context.Context, d *driver, batch rows, opts assignment.BatchOptions) (results, error) {
			return d.CreateMany(context.WithoutCancel(ctx), batch, opts)
		}),
		batching("whole_batch_ignores_the_context", "context/ended_before_the_call", func(ctx context.Context, d *driver, batch rows, opts assignment.BatchOptions) (results, error) {
			if opts.AllOrNothing {
				ctx = context.WithoutCancel(ctx)
			}
			return d.CreateMany(ctx, batch, opts)
		}),
		batching("items_stored_without_a_copy", "copies/batch_is_not_shared", func(ctx context.Context, d *driver, batch rows, opts assignment.BatchOptions) (results, error) {
			sharing := newDriver(d.table, d.lock, d.lifecycle)
			sharing.toStored = func(a assignment.Assignment) assignment.Assignment { return a }
			return sharing.CreateMany(ctx, batch, opts)
		}),
		batching("items_sorted_in_place", "copies/batch_is_not_shared", func(ctx context.Context, d *driver, batch rows, opts assignment.BatchOptions) (results, error) {
			all, err := d.CreateMany(ctx, batch, opts)
			slices.Reverse(batch)
			return all, err
		}),
	}
}

// chunk is how many items a statement of the mutants has.
const chunk = 1000

func byKey(a, b assignment.Assignment) int {
	if n := strings.Compare(a.Key.AssigneeID, b.Key.AssigneeID); n != 0 {
		return n
	}
	return strings.Compare(a.Key.SubjectID, b.Key.SubjectID)
}

func failedLast(r assignment.ItemResult) int {
	if r.Err != nil {
		return 1
	}
	return 0
}

// checkedFirst looks up the holders of all items, and then writes the items without one.
func checkedFirst(ctx context.Context, d *driver, batch rows, _ assignment.BatchOptions) (results, error) {
	if err := d.begin(ctx); err != nil {
		return nil, err
	}
	defer d.lock.Unlock()
	all := make(results, len(batch))
	for i, a := range batch {
		if existing, ok := d.table.get(a.ID); ok {
			all[i] = item(d.sameID(existing, a))
		} else if holder, ok := d.otherHolder(a); ok {
			all[i].Err = d.conflict(a.Key, holder)
		}
	}
	for i, a := range batch {
		if all[i].Outcome == 0 && all[i].Err == nil {
			d.table.put(d.toStored(a))
			all[i] = assignment.ItemResult{Assignment: d.toReturned(a), Outcome: assignment.OutcomeCreated}
		}
	}
	return all, nil
}

// reordered creates the items in the order of these indexes.
func reordered(ctx context.Context, d *driver, batch rows, opts assignment.BatchOptions, order []int) (results, error) {
	sorted := make(rows, len(batch))
	for n, i := range order {
		sorted[n] = batch[i]
	}
	done, err := d.CreateMany(ctx, sorted, opts)
	if err != nil {
		return nil, err
	}
	all := make(results, len(batch))
	for n, i := range order {
		all[i] = done[n]
	}
	return all, nil
}
