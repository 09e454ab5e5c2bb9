package conformance_test

import (
	"context"

	"github.com/assignment-go/assignment"
)

// rejectionMutants are correct as long as the table rejects no row.
func rejectionMutants() []mutant {
	// firstRejected returns the index of the first row that the table rejects, or -1.
	firstRejected := func(d *driver, batch rows) int {
		for i, a := range batch {
			if d.table.rule(a) != nil {
				return i
			}
		}
		return -1
	}
	return []mutant{
		batching("rejected_row_fails_its_chunk", "batch/row_rejected_by_the_backend_does_not_affect_others", func(ctx context.Context, d *driver, batch rows, opts assignment.BatchOptions) (results, error) {
			i := firstRejected(d, batch)
			if i < 0 {
				return d.CreateMany(ctx, batch, opts)
			}
			all := make(results, len(batch))
			for n := range all {
				all[n].Err = d.table.rule(batch[i])
			}
			return all, nil
		}),
		batching("rejected_row_is_an_unknown_outcome", "batch/row_rejected_by_the_backend_does_not_affect_others", func(ctx context.Context, d *driver, batch rows, opts assignment.BatchOptions) (results, error) {
			all, err := d.CreateMany(ctx, batch, opts)
			if i := firstRejected(d, batch); i >= 0 && err == nil {
				all[i].Err = &assignment.UnknownOutcomeError{ID: batch[i].ID, Err: all[i].Err}
			}
			return all, err
		}),
		batching("rejected_row_is_not_reported", "batch/all_or_nothing_reports_a_row_rejected_by_the_backend", func(ctx context.Context, d *driver, batch rows, opts assignment.BatchOptions) (results, error) {
			if i := firstRejected(d, batch); i >= 0 && opts.AllOrNothing {
				return nil, d.table.rule(batch[i])
			}
			return d.CreateMany(ctx, batch, opts)
		}),
		batching("rows_before_a_rejected_one_stay", "batch/all_or_nothing_reports_a_row_rejected_by_the_backend", func(ctx context.Context, d *driver, batch rows, opts assignment.BatchOptions) (results, error) {
			i := firstRejected(d, batch)
			if i < 0 || !opts.AllOrNothing {
				return d.CreateMany(ctx, batch, opts)
			}
			if _, err := d.CreateMany(ctx, batch[:i], opts); err != nil {
				return nil, err
			}
			return nil, &assignment.BatchError{Index: i, Err: d.table.rule(batch[i])}
		}),
	}
}
