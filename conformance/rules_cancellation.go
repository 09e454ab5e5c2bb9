package conformance

import (
	"context"
	"errors"
	"time"

	"github.com/assignment-go/assignment"
)

func cancellationRules() []Rule {
	return []Rule{
		{
			Name: "cancellation/create_reports_what_happened",
			Statement: "A Create whose context ends during the call returns the context's error only if nothing was " +
				"written. An unknown outcome is not the context's error as well, and the same call resolves it.",
			Contract: onCancellation,
			needs:    []Ability{AbilityClientIDs},
			check:    cancelledCreate,
		},
		{
			Name: "cancellation/change_reports_what_happened",
			Statement: "A change whose context ends during the call returns the context's error only if nothing was " +
				"changed.",
			Contract: onCancellation,
			check:    cancelledChange,
		},
		{
			Name: "cancellation/replace_reports_what_happened",
			Statement: "A Replace whose context ends during the call retires and creates, or does neither, and its error " +
				"is true or says that the outcome is unknown.",
			Contract: onCancellation,
			needs:    []Ability{AbilityClientIDs, AbilityReplace},
			check:    cancelledReplace,
		},
	}
}

// cancelledCalls is how many calls each of the rules cancels.
const cancelledCalls = 100

// cancellable is a call and the check of its result.
type cancellable struct {
	call  func(ctx context.Context) error
	check func(err error)
}

// contextChecks is up to which check of its context by the driver calls are cancelled.
// Between two checks only deadlines end them.
const contextChecks = 12

// cancelMidway makes calls with deadlines from before their start to after their usual end,
// and as many whose context ends when the driver checks it for the n-th time, which does not
// depend on the speed of the machine.
func (p *probe) cancelMidway(prepare func() cancellable) {
	usual := p.usualTime(prepare)
	calls := p.repeats(cancelledCalls)
	for i := range calls {
		c := prepare()
		ctx, cancel := p.ending(i, usual*time.Duration(2*i)/time.Duration(calls))
		err := c.call(ctx)
		cancel()
		c.check(err)
	}
}

// ending is the context of the i-th call.
func (p *probe) ending(i int, after time.Duration) (context.Context, context.CancelFunc) {
	if i%2 == 0 {
		return context.WithTimeout(p.ctx, after)
	}
	return yielding(p.ctx, 1+i/2%contextChecks)
}

// usualTime is the duration of the shortest of a few calls; the others may have been
// delayed by something else.
func (p *probe) usualTime(prepare func() cancellable) time.Duration {
	usual := p.harness.Timeout
	for range 5 {
		c := prepare()
		began := time.Now()
		err := c.call(p.ctx)
		usual = min(usual, time.Since(began))
		c.check(err)
	}
	return usual
}

// certain reports what the error of a call means: done, not done, or neither.
func (p *probe) certain(err error, id assignment.ID) (done, known bool) {
	p.unknownAlone(err)
	unknown, isUnknown := errors.AsType[*assignment.UnknownOutcomeError](err)
	switch {
	case err == nil:
		return true, true
	case isUnknown && unknown.ID != id:
		p.failf("the UnknownOutcomeError has the ID %q, want %q", unknown.ID, id)
	case isUnknown:
		return false, false
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled),
		errors.Is(err, assignment.ErrContended), errors.Is(err, assignment.ErrUnavailable):
		return false, true
	default:
		p.failf("a cancelled call returned %v, want the context's error or an unknown outcome", err)
	}
	return false, false
}

// unknownAlone wants an unknown outcome to be no other error as well: a caller that tests
// for that one first would conclude that nothing was written.
func (p *probe) unknownAlone(err error) {
	if !errors.Is(err, assignment.ErrUnknownOutcome) {
		return
	}
	for _, other := range []error{
		context.Canceled, context.DeadlineExceeded,
		assignment.ErrActiveExists, assignment.ErrInvalid, assignment.ErrNotFound, assignment.ErrTransition,
		assignment.ErrStale, assignment.ErrIDReused, assignment.ErrContended, assignment.ErrRetryTransaction,
		assignment.ErrUnguarded, assignment.ErrUnsupported, assignment.ErrUnavailable,
	} {
		if errors.Is(err, other) {
			p.failf("an unknown outcome is also %q, which means that nothing was written: %v", other, err)
		}
	}
}

func cancelledCreate(p *probe) {
	p.cancelMidway(func() cancellable {
		params := p.params(p.newKey())
		return cancellable{
			call: func(ctx context.Context) error {
				_, err := p.service.Create(ctx, params)
				return err
			},
			check: func(err error) {
				p.rowExistsAsReported(params, err)
				result, err := p.other.Ensure(p.ctx, params)
				p.ok("create again with the same ID", err)
				if result.Outcome == assignment.OutcomeExisting {
					p.failf("the retry found its slot taken by %q", result.Assignment.ID)
				}
			},
		}
	})
}

// rowExistsAsReported wants the row to exist exactly when the error of Create says so.
func (p *probe) rowExistsAsReported(params assignment.CreateParams, err error) {
	done, known := p.certain(err, params.ID)
	if params.ID == "" {
		return // the row of the call can't be identified
	}
	_, getErr := p.other.Get(p.ctx, params.ID)
	if getErr != nil {
		p.wantError("get the row", getErr, assignment.ErrNotFound)
	}
	if written := getErr == nil; known && written != done {
		p.failf("create returned %s, but that the row exists is %t", outcome(err), written)
	}
}

func cancelledChange(p *probe) {
	p.cancelMidway(func() cancellable {
		a := p.newRow()
		return cancellable{
			call: func(ctx context.Context) error {
				_, err := p.service.Transition(ctx, a.ID, p.firstStep())
				return err
			},
			check: func(err error) {
				done, known := p.certain(err, a.ID)
				now, getErr := p.other.Get(p.ctx, a.ID)
				p.ok("get the row", getErr)
				if changed := now.Status != a.Status; known && changed != done {
					p.failf("the change returned %s, but the row is %q and was %q", outcome(err), now.Status, a.Status)
				}
				retryContended, err := p.other.Transition(p.ctx, a.ID, p.firstStep())
				p.ok("repeat the change", err)
				p.wantVersion(retryContended, 2)
			},
		}
	})
}

func cancelledReplace(p *probe) {
	p.cancelMidway(func() cancellable {
		former := p.newRow()
		params := p.params(former.Key)
		return cancellable{
			call: func(ctx context.Context) error {
				_, err := p.replace(ctx, p.service, params)
				return err
			},
			check: func(err error) { p.replacedAsReported(former, params, err) },
		}
	})
}

// replacedAsReported repeats the call after an unknown outcome, before it reads the rows:
// the first one may not have been carried out yet.
func (p *probe) replacedAsReported(former assignment.Assignment, params assignment.CreateParams, err error) {
	done, known := p.certain(err, params.ID)
	if !known {
		_, again := p.replace(p.ctx, p.other, params)
		p.ok("replace again with the same ID", again)
		done = true
	}
	holder := p.oneActive(former.Key)
	if replaced := holder.ID == params.ID; replaced != done {
		p.failf("replace returned %s, but the slot is held by %q", outcome(err), holder.ID)
	}
	if !done {
		p.stored(former)
		return
	}
	retired, getErr := p.other.Get(p.ctx, former.ID)
	p.ok("get the former holder", getErr)
	p.wantVersion(retired, former.Version+1)
}
