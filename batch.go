package assignment

import "fmt"

// BatchOptions configures [Service.CreateMany]. The zero value, and nil, mean
// the defaults.
type BatchOptions struct {
	// AllOrNothing creates every item or none. Default: each item stands on its
	// own.
	AllOrNothing bool
}

// ItemResult is what became of one item of a batch.
type ItemResult struct {
	// ID is that of the item, also when it failed and when the caller left the
	// choice to the Service: put it into [CreateParams] to repeat the item. It
	// is empty only when such an item was invalid, or when the store makes the
	// IDs, see [IDMaker], and made none.
	ID ID
	// Assignment is the row after the call; zero when Err is set.
	Assignment Assignment
	// Outcome is OutcomeCreated, or OutcomeReplayed under an ID of the caller's;
	// zero when Err is set.
	Outcome Outcome
	// Err is what [Service.Create] would have returned for this item.
	Err error
}

// BatchError reports the item because of which [Service.CreateMany] failed. It
// is whatever Err is: [errors.Is] and [errors.AsType] look through it.
type BatchError struct {
	// Index is the position of the item in the batch, from 0.
	Index int
	// Err is the failure of that item. What it says about writing concerns that
	// item; unless the batch was all-or-nothing, others may have been created.
	Err error
}

// Error names the position and the failure.
func (e *BatchError) Error() string { return fmt.Sprintf("item %d: %v", e.Index, e.Err) }

// Unwrap returns the failure of the item.
func (e *BatchError) Unwrap() error { return e.Err }
