package conformance

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"

	"github.com/assignment-go/assignment"
)

// Harness tells the suite how to use a driver. Only Open is required.
type Harness struct {
	// Open returns an empty backend whose stores enforce the policy. The suite calls
	// it once per rule and policy. An error, or a nil Store, fails the rule. It must
	// not call t.Fatal, since it does not run on the test's goroutine.
	Open func(ctx context.Context, p assignment.Policy) (Backend, error)
	// Absent declares abilities that the driver does not have. Default: it has
	// all of them.
	Absent []Absence
	// TimePrecision is the precision in which the backend stores times. Default: one
	// microsecond.
	TimePrecision time.Duration
	// Policies are the policies for rules that depend on it; other rules only use the
	// first one. Default: one each with assignment.DefaultLifecycle,
	// assignment.CompletedOnlyLifecycle and [ReviewLifecycle].
	Policies []assignment.Policy
	// NewID makes the n-th ID, for a store that does not accept all IDs. The ID must
	// be different for each n. It must be safe for concurrent use. Setting it skips
	// the rules on unusual IDs. Default: strings in the form of a UUID.
	NewID func(n int) assignment.ID
	// NewKey makes the n-th key, for a store that does not accept all keys. Both parts
	// must be different for each n, since the suite also combines parts of different
	// keys. Setting it skips the rules on unusual keys. Default: plain words.
	NewKey func(n int) assignment.Key
	// Seed makes a run repeatable as far as scheduling allows. The environment
	// variable CONFORMANCE_SEED takes precedence. Default: derived from the time.
	Seed uint64
	// Quick repeats races, cancellations and random histories a fifth as often. Use it
	// for further connections to the same backend after the driver has passed without
	// it: alone it proves too little. Default: the full number.
	Quick bool
	// Timeout is how long a single call of the driver may take before it counts as
	// hanging. It is not a limit on speed: time in which the machine does not run the
	// suite does not count, the limit grows when other calls are slow, and a batch has
	// it once more for every hundred of its items. Default: one minute.
	Timeout time.Duration
}

// Backend is an empty place to store assignments, with two handles on it.
type Backend struct {
	// Store is the first handle. Required.
	Store assignment.Store
	// Second is another handle on the same rows, like that of another process: with
	// its own connection or pool, and without a lock or cache that it shares with
	// Store. Required; a store that only exists in one process, such as memory, passes
	// the same store twice.
	Second assignment.Store
	// Close releases the backend after the rule. Optional.
	Close func() error
	// Connections returns how many connections of both handles are in use, without the
	// idle ones. Optional: without it, the rule about leaked connections is skipped.
	Connections func() int
	// Plant writes a row as another program would, without the checks of the driver:
	// its status may be unknown to the lifecycle. Optional: without it, the rules
	// about foreign rows are skipped.
	Plant func(ctx context.Context, a assignment.Assignment) error
	// Reject makes the backend reject every new row with the key from then on, by a
	// rule that the driver does not know, such as a trigger or constraint of the host.
	// Optional: without it, the rules about such rows are skipped.
	Reject func(ctx context.Context, k assignment.Key) error
	// OpenLossy opens another store on the backend, with its own connection. The
	// backend carries out the next write of this store, but the reply is lost, and
	// meanwhile is called before the store can send anything else. Close also closes
	// this store. Optional: without it, the rules about lost replies are skipped.
	OpenLossy func(ctx context.Context, meanwhile func()) (assignment.Store, error)
	// Begin begins a transaction of the host on the backend, on a connection that no
	// call of the handles waits for. Optional: without it, the rules about
	// transactions are skipped.
	Begin func(ctx context.Context) (Tx, error)
}

// Tx is a transaction of the host.
type Tx struct {
	// Store is bound to the transaction. Required.
	Store assignment.Store
	// Commit and Rollback end the transaction, one of them exactly once.
	// Required.
	Commit, Rollback func(context.Context) error
}

// SeedVariable names the environment variable that overrides Harness.Seed.
const SeedVariable = "CONFORMANCE_SEED"

func (h Harness) withDefaults() (Harness, error) {
	if h.Open == nil {
		return h, errors.New("conformance: Harness.Open is required")
	}
	if h.TimePrecision == 0 {
		h.TimePrecision = time.Microsecond
	}
	if h.Timeout == 0 {
		h.Timeout = time.Minute
	}
	if len(h.Policies) == 0 {
		h.Policies = []assignment.Policy{
			{}, {Lifecycle: assignment.CompletedOnlyLifecycle()}, {Lifecycle: ReviewLifecycle()},
		}
	}
	if err := checkAbsences(h.Absent); err != nil {
		return h, err
	}
	return h.withSeed(os.Getenv(SeedVariable))
}

func (h Harness) withSeed(override string) (Harness, error) {
	if override != "" {
		seed, err := strconv.ParseUint(override, 10, 64)
		if err != nil {
			return h, fmt.Errorf("conformance: %s: %w", SeedVariable, err)
		}
		h.Seed = seed
	}
	if h.Seed == 0 {
		h.Seed = uint64(time.Now().UnixNano())
	}
	return h, nil
}
