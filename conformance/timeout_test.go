package conformance_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/conformance"
	"github.com/assignment-go/assignment/memory"
)

// TestTimeout runs in synctest bubbles, in which a minute passes as soon as every goroutine
// waits.
func TestTimeout(t *testing.T) {
	const rule = "create/stores_the_row_as_given"
	for name, c := range map[string]struct {
		create  func(ctx context.Context, stop <-chan struct{}) error
		rule    string
		verdict conformance.Verdict
		reason  string
	}{
		"a_driver_that_ignores_its_context_fails_the_rule": {
			create: func(_ context.Context, stop <-chan struct{}) error {
				<-stop
				return nil
			},
			rule: rule, verdict: conformance.Fail,
			reason: "the driver hangs: no return from 1 × Create, although the context ended 1m0s ago",
		},
		"every_call_that_hangs_is_named": {
			create: func(_ context.Context, stop <-chan struct{}) error {
				<-stop
				return nil
			},
			rule: "race/ensure", verdict: conformance.Fail, reason: "no return from 16 × Create",
		},
		"a_driver_that_waits_forever_is_stopped_by_its_context": {
			create: func(ctx context.Context, _ <-chan struct{}) error {
				<-ctx.Done()
				return ctx.Err()
			},
			rule: rule, verdict: conformance.Fail,
			reason: "no return from 1 × Create within the time for a call (1m0s), so its context was cancelled",
		},
		"a_call_may_take_almost_the_whole_timeout": {
			create: sleeping(59 * time.Second), rule: rule, verdict: conformance.Pass,
		},
		"a_rule_may_take_longer_than_the_timeout": {
			create: sleeping(20 * time.Second), rule: "race/ten_callers_one_key", verdict: conformance.Pass,
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				stop := make(chan struct{})
				defer close(stop)
				result, err := conformance.CheckRule(t.Context(), slowed(func(ctx context.Context) error {
					return c.create(ctx, stop)
				}), c.rule)
				if err != nil {
					t.Fatal(err)
				}
				report := conformance.Report{Results: []conformance.Result{result}}
				if result.Verdict != c.verdict {
					t.Fatal(report)
				}
				if c.verdict == conformance.Fail {
					wantReason(t, report, c.rule, c.reason)
				}
			})
		})
	}
}

// TestTimeoutOfBatches: a table on which each item takes round trips is slow, and does
// not hang.
func TestTimeoutOfBatches(t *testing.T) {
	t.Run("a_batch_has_the_time_of_its_items", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			harness := conformance.Harness{
				Policies: []assignment.Policy{{}},
				Open: func(ctx context.Context, p assignment.Policy) (conformance.Backend, error) {
					backend, err := openMemory(ctx, p)
					backend.Store = slowBatches{backend.Store.(*memory.Store)}
					backend.Second = backend.Store
					return backend, err
				},
			}
			result, err := conformance.CheckRule(t.Context(), harness, "batch/any_size")
			if err != nil {
				t.Fatal(err)
			}
			if result.Verdict != conformance.Pass {
				t.Error(conformance.Report{Results: []conformance.Result{result}})
			}
		})
	})
}

// slowBatches takes half a second for each item, so that a batch of thousands takes
// longer than any other call may.
type slowBatches struct{ *memory.Store }

func (s slowBatches) CreateMany(
	ctx context.Context, batch []assignment.Assignment, opts assignment.BatchOptions,
) ([]assignment.ItemResult, error) {
	time.Sleep(time.Duration(len(batch)) * time.Second / 2)
	return s.Store.CreateMany(ctx, batch, opts)
}

func sleeping(d time.Duration) func(context.Context, <-chan struct{}) error {
	return func(context.Context, <-chan struct{}) error {
		time.Sleep(d)
		return nil
	}
}

// slowed runs a function before each Create of the reference store.
func slowed(before func(ctx context.Context) error) conformance.Harness {
	return conformance.Harness{
		Policies: []assignment.Policy{{}},
		Open: func(ctx context.Context, p assignment.Policy) (conformance.Backend, error) {
			backend, err := openMemory(ctx, p)
			backend.Store = delayed{backend.Store, before}
			backend.Second = backend.Store
			return backend, err
		},
	}
}

type delayed struct {
	assignment.Store
	before func(ctx context.Context) error
}

func (s delayed) Create(ctx context.Context, a assignment.Assignment) (assignment.Result, error) {
	if err := s.before(ctx); err != nil {
		return assignment.Result{}, err
	}
	return s.Store.Create(ctx, a)
}
