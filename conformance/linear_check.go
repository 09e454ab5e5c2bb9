package conformance

import (
	"bytes"
	"math"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/assignment-go/assignment"
)

// judge tells whether histories have an order that explains every answer.
type judge struct {
	model porcupine.Model
	// timeout bounds a judgement; it usually takes a millisecond.
	timeout time.Duration
}

// judgeTime is the timeout where nothing else is said.
const judgeTime = 10 * time.Second

func newJudge(l assignment.Lifecycle) judge {
	return judge{timeout: judgeTime, model: porcupine.Model{
		Init: func() any { return world(nil) },
		Step: func(state, input, _ any) (bool, any) {
			return as[*event](input).possible(as[world](state), l)
		},
		Equal: func(a, b any) bool { return as[world](a).equal(as[world](b)) },
		Hash:  func(state any) uint64 { return as[world](state).hash() },
		DescribeOperation: func(input, _ any) string {
			e := as[*event](input)
			return newNames().call(e.act) + " → " + newNames().answer(e.got)
		},
		DescribeState: func(state any) string { return as[world](state).String() },
	}}
}

// as is what porcupine was given.
func as[T any](v any) T {
	t, _ := v.(T)
	return t
}

// possible reports whether the call can have answered what it did in this
// world, and how that leaves the world.
func (e *event) possible(w world, l assignment.Lifecycle) (ok bool, after world) {
	if e.got.kind == answerNothing && !e.forgotten {
		return true, w
	}
	due, after := e.act.on(w, l)
	return e.open() || due.equal(e.got), after
}

// operations gives calls with an open end all the time there is: to come last
// is the same as never to happen.
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

// check returns whether the history is linearizable, or that the time did not
// suffice to tell.
func (j judge) check(history []*event, timeout time.Duration) porcupine.CheckResult {
	return porcupine.CheckOperationsTimeout(j.model, operations(history), timeout)
}

// longest returns the longest order of calls that explains their answers.
func (j judge) longest(history []*event, timeout time.Duration) []*event {
	_, info := porcupine.CheckOperationsVerbose(j.model, operations(history), timeout)
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

// visualise draws the history as a page of HTML.
func (j judge) visualise(history []*event, timeout time.Duration) ([]byte, error) {
	_, info := porcupine.CheckOperationsVerbose(j.model, operations(history), timeout)
	var page bytes.Buffer
	err := porcupine.Visualize(j.model, info, &page)
	return page.Bytes(), err
}
