package conformance_test

import (
	"context"
	"slices"

	"github.com/assignment-go/assignment"
)

// CreateMany holds the lock for the whole batch.
func (d *driver) CreateMany(
	ctx context.Context, batch []assignment.Assignment, opts assignment.BatchOptions,
) ([]assignment.ItemResult, error) {
	if err := d.begin(ctx); err != nil {
		return nil, err
	}
	defer d.lock.Unlock()
	results := make([]assignment.ItemResult, len(batch))
	for i, a := range batch {
		results[i] = item(d.create(a))
		if err := results[i].Err; err != nil && opts.AllOrNothing {
			d.undo(results[:i])
			return nil, &assignment.BatchError{Index: i, Err: err}
		}
	}
	return results, nil
}

func item(r assignment.Result, err error) assignment.ItemResult {
	return assignment.ItemResult{Assignment: r.Assignment, Outcome: r.Outcome, Err: err}
}

// undo removes what was created.
func (d *driver) undo(results []assignment.ItemResult) {
	for _, r := range slices.Backward(results) {
		if r.Outcome == assignment.OutcomeCreated {
			d.table.remove(r.Assignment.ID)
		}
	}
}
