// Package coalesce lets calls that want the same thing at the same time share
// the work: many items in one batch ([Batcher]), or one call per key before the
// others ([Flights]). It knows nothing of SQL.
//
// Calls share speed and no failure. Every wait is bounded; a call that gives up
// affects only itself; work that hangs holds up nobody who can do without it.
package coalesce

import (
	"errors"
	"time"
)

// ErrAlone tells a call that nothing was done for its item, nor will be: it has to
// do its own work.
var ErrAlone = errors.New("coalesce: nothing was done for the item")

// ErrLate tells a call that its batch is being worked on for longer than a call
// should wait: it may do its own work. [Call.Result] still tells what becomes of
// the batch.
var ErrLate = errors.New("coalesce: the batch is late")

// Bounds limits what calls wait for each other. All fields are required.
type Bounds struct {
	// Running is how many calls and batches are worked on before further calls
	// gather in a batch.
	Running int
	// Items is how many calls fit into a batch.
	Items int
	// Turn is how long a batch waits for one of those that are running to end.
	Turn time.Duration
	// Lease is how long one that is running counts as such. What takes longer may
	// hang, and others must not wait for it.
	Lease time.Duration
	// Patience is how long a call waits for its batch.
	Patience time.Duration
	// Limit is how long a batch is worked on at most, however long its calls would
	// wait.
	Limit time.Duration
}
