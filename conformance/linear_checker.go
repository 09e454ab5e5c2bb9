package conformance

import (
	"bytes"
	"math"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/assignment-go/assignment"
)

// checker checks whether a history has an order that explains every reply.
type checker struct {
	model porcupine.Model
	// timeout bounds a check, which usually takes a millisecond.
	timeout time.Duration
}

// checkTimeout is the default timeout.
const checkTimeout = 10 * time.Second

func newChecker(l assignment.Lifecycle) checker {
	return checker{timeout: checkTimeout, model: porcupine.Model{
		Init: func() any { return modelState(nil) },
		Step: func(state, input, _ any) (bool, any) {
			return as[*event](input).possible(as[modelState](state), l)
		},
		Equal: func(a, b any) bool { return as[modelState](a).equal(as[modelState](b)) },
		Hash:  func(state any) uint64 { return as[modelState](state).hash() },
		DescribeOperation: func(input, _ any) string {
			e := as[*event](input)
			return newNames().call(e.op) + " → " + newNames().reply(e.got)
		},
		DescribeState: func(state any) string { return as[modelState](state).String() },
	}}
}

// as converts a value that was passed to porcupine back to its type.
func as[T any](v any) T {
	t, _ := v.(T)
	return t
}

// possible reports whether the call can have had its reply in this state, and returns the
// state after it.
func (e *event) possible(m modelState, l assignment.Lifecycle) (ok bool, after modelState) {
	if e.got.kind == replyNotWritten && !e.replyIgnored {
		return true, m
	}
	want, after := e.op.apply(m, l)
	return e.open() || want.equal(e.got), after
}

// operations gives calls of unknown outcome no end: to take effect after all other calls is
// the same as never to take effect.
func operations(history []*event) []porcupine.Operation {
	all := make([]porcupine.Operation, len(history))
	for i, e := range history {
		all[i] = porcupine.Operation{ClientId: e.client, Input: e, Call: e.begin, Return: e.end}
		if e.open() {
			all[i].Return = math.MaxInt64
		}
	}
	return all
}

// check returns whether the history is linearizable, or Unknown after the timeout.
func (c checker) check(history []*event, timeout time.Duration) porcupine.CheckResult {
	return porcupine.CheckOperationsTimeout(c.model, operations(history), timeout)
}

// longest returns the longest order of calls that explains their replies.
func (c checker) longest(history []*event, timeout time.Duration) []*event {
	_, info := porcupine.CheckOperationsVerbose(c.model, operations(history), timeout)
	var longest []*event
	for _, partition := range info.PartialLinearizationsOperations() {
		for _, order := range partition {
			if len(order) > len(longest) {
				longest = make([]*event, len(order))
				for i, o := range order {
					longest[i] = as[*event](o.Input)
				}
			}
		}
	}
	return longest
}

// visualise draws the history as an HTML page.
func (c checker) visualise(history []*event, timeout time.Duration) ([]byte, error) {
	_, info := porcupine.CheckOperationsVerbose(c.model, operations(history), timeout)
	var page bytes.Buffer
	err := porcupine.Visualize(c.model, info, &page)
	return page.Bytes(), err
}
