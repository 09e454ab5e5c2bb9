// Package coalesce lets calls that want the same thing at the same time share the
// work: the items of many calls in one batch ([Batcher]), or one call per key ahead
// of the others ([SingleFlight]). It knows nothing of SQL.
//
// Calls share the work and no failure. Every wait is bounded; a call that gives up
// affects only itself; work that hangs delays no call that can do without it.
package coalesce

import (
	"errors"
	"time"
)

// ErrNothingDone is returned to a call for whose item nothing was done, nor will be:
// it has to do its own work.
var ErrNothingDone = errors.New("coalesce: nothing was done for the item")

// ErrInProgress is returned to a call whose batch takes longer than a call should
// wait: it may do its own work. [Call.Result] still returns what becomes of the batch.
var ErrInProgress = errors.New("coalesce: the batch is still in progress")

// Bounds limits how long calls wait for each other. All fields are required.
type Bounds struct {
	// InProgress is how many calls and batches may be in progress before further
	// calls collect in a batch.
	InProgress int
	// BatchSize is how many items a batch holds.
	BatchSize int
	// FlushAfter is how long a batch collects items while none of those in progress
	// ends.
	FlushAfter time.Duration
	// MaxAge is how long a call or batch counts as in progress. What takes longer may
	// hang, and others must not wait for it.
	MaxAge time.Duration
	// MaxWait is how long a call waits for its batch.
	MaxWait time.Duration
	// FlushTimeout is how long a flush may take, whatever the deadlines of its calls.
	FlushTimeout time.Duration
}
