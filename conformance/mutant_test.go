package conformance_test

import (
	"context"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/conformance"
)

// mutant is the correct driver with one fault, and the rule that must catch it.
type mutant struct {
	name   string
	rule   string
	change func(d *driver)
	// wrap is for faults that are not in a field of driver.
	wrap func(d *driver) assignment.Store
	// open is for faults that are not in a single handle.
	open func(ctx context.Context, p assignment.Policy) (conformance.Backend, error)
	// timeout is short for mutants that hang.
	timeout time.Duration
	// bubble runs the rule in a synctest bubble, for mutants that make it wait in vain.
	bubble bool
}

func (m mutant) build(d *driver) assignment.Store {
	if m.change != nil {
		m.change(d)
	}
	if m.wrap != nil {
		return m.wrap(d)
	}
	return d
}

func (m mutant) harness() conformance.Harness {
	h := conformance.Harness{Open: m.open, Timeout: m.timeout}
	if h.Open == nil {
		h.Open = opener(m.build)
	}
	return h
}

// TestMutant tests the suite: each faulty driver must fail the rule for its fault. With -v it
// lists which rule caught which fault, and how.
func TestMutant(t *testing.T) {
	for _, m := range mutants() {
		t.Run(m.name, func(t *testing.T) {
			var result conformance.Result
			if m.bubble {
				synctest.Test(t, func(t *testing.T) { result = m.checkRepeatedly(t) })
			} else {
				result = m.checkRepeatedly(t)
			}
			if result.Verdict != conformance.Fail {
				t.Fatalf("%s: %s %s", m.rule, result.Verdict, result.Reason)
			}
			reason, _, _ := strings.Cut(result.Reason, "\n")
			t.Logf("caught by %s: %s", m.rule, reason)
		})
	}
}

// maxAttempts is how often a rule may miss a mutant. Whether a race shows its fault depends
// on luck and on the machine; a rule that can't find the fault never does.
const maxAttempts = 20

// checkRepeatedly repeats the rule until it catches the mutant.
func (m mutant) checkRepeatedly(t *testing.T) (result conformance.Result) {
	t.Helper()
	for range maxAttempts {
		var err error
		if result, err = conformance.CheckRule(t.Context(), m.harness(), m.rule); err != nil {
			t.Fatal(err)
		}
		if result.Verdict == conformance.Fail {
			break
		}
	}
	return result
}

func mutants() []mutant {
	return slices.Concat(
		slotMutants(), lockMutants(), replyMutants(), newIDMutants(), changeMutants(), replaceMutants(),
		listMutants(), valueMutants(), contextMutants(), lostMutants(), transactionMutants(),
		batchMutants(), wholeBatchMutants(), rejectionMutants(), batchRaceMutants(), linearMutants(), gapMutants(),
	)
}

// TestEveryRuleHasAMutant exempts the rules that no store can break: the service validates
// input, and absent abilities have other tests.
func TestEveryRuleHasAMutant(t *testing.T) {
	caught := make(map[string]bool)
	for _, m := range mutants() {
		caught[m.rule] = true
	}
	for _, rule := range conformance.Rules() {
		exempt := strings.HasPrefix(rule.Name, "validation/") || rule.Name == "store/absent_abilities_return_unsupported"
		if !caught[rule.Name] && !exempt {
			t.Errorf("%s has no mutant that fails it", rule.Name)
		}
	}
}

// yieldToOthers lets others run between two steps.
func yieldToOthers() {
	for range 20 {
		runtime.Gosched()
	}
}
