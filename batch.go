package assignment

import (
	"context"
	"fmt"
)

// BatchOptions configures [Service.CreateMany]. Nil means the defaults.
type BatchOptions struct {
	// AllOrNothing creates every item or none, at one moment; a replayed item
	// counts as created. The first item that can't be created fails the call with
	// a [*BatchError]; two items on one key are [ErrInvalid]. A call that fails has
	// no results, unless with [ErrUnknownOutcome]: then they carry the IDs with
	// which to repeat it. Default: each item succeeds or fails by itself.
	AllOrNothing bool
}

// ItemResult is what became of one item of a batch.
type ItemResult struct {
	ID         ID         // of the item, to repeat it with; empty when none was made
	Assignment Assignment // the row after the call; zero when Err is set
	Outcome    Outcome    // OutcomeCreated or OutcomeReplayed; zero when Err is set
	Err        error      // what [Service.Create] would have returned for this item
}

// BatchError reports the item because of which [Service.CreateMany] failed.
type BatchError struct {
	Index int   // the position of the item in the batch, from 0
	Err   error // its failure, which says what was written of this item alone
}

// Error names the position and the failure.
func (e *BatchError) Error() string { return fmt.Sprintf("item %d: %v", e.Index, e.Err) }

// Unwrap returns the failure of the item.
func (e *BatchError) Unwrap() error { return e.Err }

// oneByOne replaces the [BatchCreator] that a store is not.
type oneByOne struct {
	store Store
}

// CreateMany creates one row after the other, which can't be undone.
func (o oneByOne) CreateMany(ctx context.Context, batch []Assignment, opts BatchOptions) ([]ItemResult, error) {
	if opts.AllOrNothing {
		return nil, &UnsupportedError{Ability: "CreateMany", Reason: "the store can't create all or nothing"}
	}
	results := make([]ItemResult, len(batch))
	for i, a := range batch {
		if err := ctx.Err(); err != nil {
			results[i].Err = unsent(err)
			continue
		}
		result, err := o.store.Create(ctx, a)
		results[i] = ItemResult{Assignment: result.Assignment, Outcome: result.Outcome, Err: err}
	}
	return results, nil
}
