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
			Name:      "cancellation/create_tells_the_truth",
			Statement: "A Create whose context ends on the way returns the context's error only when nothing was written; after an unknown outcome the same call settles the matter.",
			Contract:  onTruth,
			check:     cancelledCreateTellsTheTruth,
		},
		{
			Name:      "cancellation/change_tells_the_truth",
			Statement: "A change whose context ends on the way returns the context's error only when nothing was changed.",
			Contract:  onTruth,
			check:     cancelledChangeTellsTheTruth,
		},
		{
			Name:      "cancellation/replace_tells_the_truth",
			Statement: "A Replace whose context ends on the way has happened whole or not at all, and tells which when it is certain.",
			Contract:  onTruth,
			needs:     []Ability{AbilityReplace},
			check:     cancelledReplaceTellsTheTruth,
		},
	}
}

// cancelledCalls is how many calls each of the rules cuts short.
const cancelledCalls = 60

// cutShort makes calls whose deadlines are spread from before the beginning to
// after the usual end of one.
func (p *probe) cutShort(call func(ctx context.Context)) {
	began := time.Now()
	call(p.ctx)
	usual := time.Since(began)
	for i := range cancelledCalls {
		ctx, cancel := context.WithTimeout(p.ctx, usual*time.Duration(2*i)/cancelledCalls)
		call(ctx)
		cancel()
	}
}

// certain reports what a caller may conclude from the error of a call: done,
// not done, or neither.
func (p *probe) certain(err error, id assignment.ID) (done, known bool) {
	unknown, isUnknown := errors.AsType[*assignment.UnknownOutcomeError](err)
	switch {
	case err == nil:
		return true, true
	case isUnknown && unknown.ID != id:
		p.failf("the unknown outcome is said to be about %q, want %q", unknown.ID, id)
	case isUnknown:
		return false, false
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled),
		errors.Is(err, assignment.ErrContended), errors.Is(err, assignment.ErrUnavailable):
		return false, true
	default:
		p.failf("a call that was cut short returned %v, want the context's error or an unknown outcome", err)
	}
	return false, false
}

func cancelledCreateTellsTheTruth(p *probe) {
	p.cutShort(func(ctx context.Context) {
		params := p.params(p.newKey())
		_, err := p.service.Create(ctx, params)
		done, known := p.certain(err, params.ID)
		_, getErr := p.other.Get(p.ctx, params.ID)
		switch written := getErr == nil; {
		case known && written && !done:
			p.failf("create returned %v, which says that nothing was written, but the row is there", err)
		case known && !written && done:
			p.failf("create succeeded, but the row is not there: %v", getErr)
		}
		result, err := p.other.Ensure(p.ctx, params)
		p.ok("create again with the same ID", err)
		if result.Outcome == assignment.OutcomeExisting {
			p.failf("the retry found another assignment on its slot: %q", result.Assignment.ID)
		}
	})
}

func cancelledChangeTellsTheTruth(p *probe) {
	p.cutShort(func(ctx context.Context) {
		a := p.fresh()
		_, err := p.service.Transition(ctx, a.ID, p.firstStep())
		done, known := p.certain(err, a.ID)
		now, getErr := p.other.Get(p.ctx, a.ID)
		p.ok("get the row", getErr)
		if changed := now.Version != a.Version; known && changed != done {
			p.failf("the change returned %s, but the row has version %d after version %d", outcome(err), now.Version, a.Version)
		}
		settled, err := p.other.Transition(p.ctx, a.ID, p.firstStep())
		p.ok("repeat the change", err)
		p.wantVersion(settled, 2)
	})
}

func cancelledReplaceTellsTheTruth(p *probe) {
	p.cutShort(func(ctx context.Context) {
		former := p.fresh()
		params := p.params(former.Key)
		_, err := p.replace(ctx, p.service, params)
		done, known := p.certain(err, params.ID)
		if !known {
			// what is still on its way can land at any moment, until a call with
			// the same ID has settled it
			_, err = p.replace(p.ctx, p.other, params)
			p.ok("replace again with the same ID", err)
			done = true
		}
		holder := p.oneActive(former.Key)
		if replaced := holder.ID == params.ID; replaced != done {
			p.failf("replace returned %s, but the slot is held by %q", outcome(err), holder.ID)
		}
		if !done {
			p.stored(former)
		}
	})
}
