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
	// Open returns an empty backend whose stores enforce the policy. It is
	// called once per rule, and again for each policy that the rule is about.
	// A nil Store, or an error, fails the rule. Do not call t.Fatal in it: it
	// does not run on the test's goroutine.
	Open func(ctx context.Context, p assignment.Policy) (Backend, error)
	// Absent declares abilities that the driver does not have. Default: it has
	// all of them.
	Absent []Absence
	// TimePrecision is the unit to which the backend keeps times. Default: one
	// microsecond.
	TimePrecision time.Duration
	// Policies are those that policy-dependent rules run on; the others use the
	// first. Default: one each with assignment.DefaultLifecycle,
	// assignment.CompletedOnlyLifecycle and [ReviewLifecycle].
	Policies []assignment.Policy
	// NewID makes the n-th ID, for a store that takes only some; it must differ
	// for each n and be safe for concurrent use. Setting it skips the rules on
	// unusual IDs. Default: strings in the form of a UUID.
	NewID func(n int) assignment.ID
	// NewKey makes the n-th key, for a store that takes only some; both parts
	// must differ for each n, since the suite also mixes parts of several keys.
	// Setting it skips the rules on unusual keys. Default: plain words.
	NewKey func(n int) assignment.Key
	// Seed makes a run repeatable as far as scheduling allows. The environment
	// variable CONFORMANCE_SEED takes precedence. Default: taken from the time.
	Seed uint64
	// Quick repeats races, cancellations and random histories a fifth as often. It
	// is for further ways to a backend, such as another kind of connection, once
	// the driver has passed without it: alone it proves too little. Default: all
	// of them.
	Quick bool
	// Timeout is after how long a single call of the driver counts as hanging.
	// It only is there to end a run with a driver that really hangs, since slow is
	// not wrong: time in which the machine does not get round to the suite does
	// not count, and where calls are slow it grows with them. Default: one minute.
	Timeout time.Duration
}

// Backend is one empty place to store assignments, and two ways to it.
type Backend struct {
	// Store is the first handle. Required.
	Store assignment.Store
	// Second is another handle on the same rows, as another process would have
	// it: with its own connection or pool, sharing no lock or cache of the
	// process with Store. Required; a store that lives in one process, such as
	// memory, passes the same store twice.
	Second assignment.Store
	// Close releases the backend after the rule. Optional.
	Close func() error
	// Connections counts the connections that both handles have in use right
	// now, idle ones left out. Optional: without it, leaks are not looked for.
	Connections func() int
	// Plant writes a row as a foreign program would, past the driver's checks:
	// its status may be unknown to the lifecycle. Optional: without it, the
	// rules about foreign rows are skipped.
	Plant func(ctx context.Context, a assignment.Assignment) error
	// Reject makes the backend refuse every new row with the key from then on, by a
	// rule that the driver knows nothing of, as a trigger or constraint of the
	// host's does. Optional: without it, the rules about such rows are skipped.
	Reject func(ctx context.Context, k assignment.Key) error
	// OpenLossy opens one more store on the backend, with a connection of its own: the
	// backend carries out its next write, the reply is lost, and meanwhile is called
	// before the store can ask again. Close closes it as well. Optional: without
	// it, the rules about lost replies are skipped.
	OpenLossy func(ctx context.Context, meanwhile func()) (assignment.Store, error)
	// Begin opens a transaction of the host on the backend, on a connection that
	// no call of the handles waits for. Optional: without it, the rules about
	// transactions are skipped.
	Begin func(ctx context.Context) (Tx, error)
}

// Tx is a transaction of the host, which the store can join.
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
