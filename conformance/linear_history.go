package conformance

import (
	"context"
	"errors"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/assignment-go/assignment"
)

// event is a call with its reply.
type event struct {
	client, handle int
	slot           int
	op             operation
	got            reply
	// begin and end number the starts and ends of all calls of the round: a call ended
	// before another one started if its end is lower than the other's begin.
	begin, end int64
	// replyIgnored marks a call whose reply is ignored: it may have taken effect or not.
	replyIgnored bool
}

// open reports whether the call may take effect at any time after its start, or never.
func (e *event) open() bool { return e.replyIgnored || e.got.kind == replyUnknown }

// wrote reports whether the reply says that something was written.
func (e *event) wrote() bool {
	return e.op.writes() && (e.got.kind == replyCreated || e.got.kind == replyRow)
}

func overlap(a, b *event) bool {
	return a.client != b.client && a.begin < b.end && b.begin < a.end
}

// overlaps counts the pairs of concurrent calls on one slot of which at least one wrote.
// Without such a pair a history says nothing about concurrency.
func overlaps(history []*event) int {
	n := 0
	for i, a := range history {
		for _, b := range history[:i] {
			if a.slot == b.slot && (a.wrote() || b.wrote()) && overlap(a, b) {
				n++
			}
		}
	}
	return n
}

// recorder lets clients make the calls of a plan, and records them.
type recorder struct {
	*probe
	// handles is the number of handles that the clients use.
	handles int
	// yields makes drivers yield where they check their context.
	yields bool
	// inStep starts every call of the clients at the same time, not only the first.
	inStep bool
	// usual is the usual duration of a call.
	usual time.Duration
	count atomic.Int64
}

// record makes the calls and returns their events.
func (r *recorder) record(plan [][]planned) []*event {
	history := make([]*event, 0, len(plan)*len(plan[0]))
	byClient := make([][]*event, len(plan))
	start := newBarrier(len(plan))
	r.together(len(plan), func(client int) {
		defer start.leave()
		for i, c := range plan[client] {
			if i == 0 || r.inStep {
				start.await(r.ctx, i)
			}
			byClient[client] = append(byClient[client], r.call(client, c))
		}
	})
	for _, events := range byClient {
		history = append(history, events...)
	}
	return history
}

func (r *recorder) call(client int, c planned) *event {
	ctx, cancel := r.context(c)
	defer cancel()
	e := &event{client: client, handle: client % r.handles, slot: c.slot, op: c.op}
	store := r.handleStore(e.handle)
	e.begin = r.count.Add(1)
	if r.inStep {
		runtime.Gosched() // lets calls overlap also on one processor
	}
	got, err := c.op.call(ctx, store)
	e.end = r.count.Add(1)
	if err != nil {
		r.expected(c, err)
		got = replyOf(err)
	}
	if got.kind == replyUnknown && !c.op.writes() {
		r.failf("%s returned %v: a read can't have an unknown outcome", c.op.name, err)
	}
	e.got = got
	return e
}

func (r *recorder) context(c planned) (context.Context, context.CancelFunc) {
	switch {
	case c.cancelAfter > 0:
		return yielding(r.ctx, c.cancelAfter)
	case c.cancelIn > 0:
		return context.WithTimeout(r.ctx, time.Duration(c.cancelIn*float64(r.usual)))
	case r.yields:
		return yielding(r.ctx, 0)
	default:
		return r.ctx, func() {}
	}
}

// expected ends the check after an error that the contract does not allow here.
func (r *recorder) expected(c planned, err error) {
	cancellable := c.cancelAfter > 0 || c.cancelIn > 0
	ended := errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
	for _, target := range []error{
		assignment.ErrActiveExists, assignment.ErrIDReused, assignment.ErrNotFound, assignment.ErrTransition,
		assignment.ErrStale, assignment.ErrUnknownOutcome, assignment.ErrContended, assignment.ErrUnavailable,
	} {
		if errors.Is(err, target) {
			return
		}
	}
	if !cancellable || !ended {
		r.failf("%s: %s", c.op.name, explained(err))
	}
}

// call makes the call on the store. The error is not yet part of the reply.
func (a operation) call(ctx context.Context, s assignment.Store) (reply, error) {
	switch a.name {
	case "Create":
		return resulting(s.Create(ctx, a.next.Clone()))
	case "Replace":
		replacer, ok := s.(assignment.Replacer)
		if !ok {
			return reply{}, errNoReplacer
		}
		return resulting(replacer.Replace(ctx, a.next.Clone(), a.retireTo))
	case "Update":
		return returning(s.Update(ctx, a.id, a.change))
	case "Get":
		return returning(s.Get(ctx, a.id))
	case "FindActive":
		return returning(s.FindActive(ctx, a.key()))
	case "List":
		rows, err := s.List(ctx, a.query)
		return reply{kind: replyRows, rows: rowsOf(rows)}, err
	case "Count":
		n, err := s.Count(ctx, a.query)
		return reply{kind: replyCount, count: n}, err
	default:
		panic("there is no call of " + a.name)
	}
}

func resulting(r assignment.Result, err error) (reply, error) {
	got := reply{kind: replyKind(r.Outcome.String()), row: rowOf(r.Assignment)}
	if r.Retired != nil {
		got.retired = rowOf(*r.Retired)
	}
	return got, err
}

func returning(a assignment.Assignment, err error) (reply, error) {
	return reply{kind: replyRow, row: rowOf(a)}, err
}
