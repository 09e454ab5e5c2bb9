package conformance_test

import (
	"context"

	"github.com/assignment-go/assignment"
)

// refusalMutants are right as long as the table has no rule of its own.
func refusalMutants() []mutant {
	// ruled returns the position of the first row that a rule of the table refuses,
	// or -1.
	ruled := func(d *lab, batch rows) int {
		for i, a := range batch {
			if d.table.rule(a) != nil {
				return i
			}
		}
		return -1
	}
	return []mutant{
		batching("a_refused_row_fails_its_chunk", "batch/row_that_the_backend_refuses_stops_no_other", func(ctx context.Context, d *lab, batch rows, opts assignment.BatchOptions) (results, error) {
			i := ruled(d, batch)
			if i < 0 {
				return d.CreateMany(ctx, batch, opts)
			}
			all := make(results, len(batch))
			for n := range all {
				all[n].Err = d.table.rule(batch[i])
			}
			return all, nil
		}),
		batching("a_refused_row_is_a_lost_reply", "batch/row_that_the_backend_refuses_stops_no_other", func(ctx context.Context, d *lab, batch rows, opts assignment.BatchOptions) (results, error) {
			all, err := d.CreateMany(ctx, batch, opts)
			if i := ruled(d, batch); i >= 0 && err == nil {
				all[i].Err = &assignment.UnknownOutcomeError{ID: batch[i].ID, Err: all[i].Err}
			}
			return all, err
		}),
		batching("a_refused_row_is_not_named", "batch/all_or_nothing_names_a_row_that_the_backend_refuses", func(ctx context.Context, d *lab, batch rows, opts assignment.BatchOptions) (results, error) {
			if i := ruled(d, batch); i >= 0 && opts.AllOrNothing {
				return nil, d.table.rule(batch[i])
			}
			return d.CreateMany(ctx, batch, opts)
		}),
		batching("rows_before_a_refused_one_stay", "batch/all_or_nothing_names_a_row_that_the_backend_refuses", func(ctx context.Context, d *lab, batch rows, opts assignment.BatchOptions) (results, error) {
			i := ruled(d, batch)
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
