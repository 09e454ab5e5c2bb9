package conformance

import (
	"context"
	"crypto/sha256"
	"fmt"

	"github.com/assignment-go/assignment"
)

// next returns the next number for whatever a check makes.
func (p *probe) next() int { return int(p.made.Add(1)) }

// newID makes an ID in the form of a UUID. IDs are not in the order in which they are
// made, so that a driver which orders by ID has to sort.
func (p *probe) newID() assignment.ID {
	n := p.next()
	if p.harness.NewID != nil {
		return p.harness.NewID(n)
	}
	id := sha256.Sum256(fmt.Appendf(nil, "%d/%d", p.harness.Seed, n))
	id[6], id[8] = id[6]&0x0f|0x80, id[8]&0x3f|0x80 // RFC 9562: version 8, custom
	return assignment.ID(fmt.Sprintf("%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:16]))
}

// newKey makes a key of two parts that were not used before.
func (p *probe) newKey() assignment.Key {
	n := p.next()
	if p.harness.NewKey != nil {
		return p.harness.NewKey(n)
	}
	return assignment.Key{AssigneeID: fmt.Sprintf("assignee-%d", n), SubjectID: fmt.Sprintf("subject-%d", n)}
}

// params fills every attribute that the driver stores, so that the suite notices when
// the driver drops or swaps one.
func (p *probe) params(k assignment.Key) assignment.CreateParams {
	n := p.next()
	params := assignment.CreateParams{ID: p.chosenID(), Key: k}
	if p.has(AbilityAssignedBy) {
		params.AssignedBy = fmt.Sprintf("assigner-%d", n)
	}
	if p.has(AbilityAccountID) {
		params.AccountID = fmt.Sprintf("account-%d", n)
	}
	if p.has(AbilityDueAt) {
		params.DueAt = p.clock.Now().AddDate(0, 0, n)
	}
	if p.has(AbilityMetadata) {
		params.Metadata = map[string]any{"n": float64(n), "tags": []any{"a", "b"}, "nested": map[string]any{"deep": true}}
	}
	return params
}

// requestOf is the fingerprint that a service computes from the parameters. It is empty
// when the driver stores none, and for invalid parameters.
func (p *probe) requestOf(params assignment.CreateParams) string {
	if !p.has(AbilityRequest) {
		return ""
	}
	params.ID = ""
	a, err := p.serve(discardStore{p.store}).Create(p.ctx, params)
	if err != nil {
		return ""
	}
	return a.Request
}

// discardStore is a store whose Create succeeds and stores nothing.
type discardStore struct{ assignment.Store }

func (discardStore) Create(_ context.Context, a assignment.Assignment) (assignment.Result, error) {
	return assignment.Result{Assignment: a, Outcome: assignment.OutcomeCreated}, nil
}

// expected is the row that a service makes from the parameters now.
func (p *probe) expected(params assignment.CreateParams) assignment.Assignment {
	now := p.clock.Now()
	return assignment.Assignment{
		ID: params.ID, Key: params.Key, Status: p.lifecycle.Initial(),
		AssignedBy: params.AssignedBy, AccountID: params.AccountID, DueAt: params.DueAt,
		CreatedAt: now, UpdatedAt: now, Version: 1, Metadata: params.Metadata, Request: p.requestOf(params),
	}.Clone()
}

// candidate is a new row, to pass to a store without a service.
func (p *probe) candidate(k assignment.Key) assignment.Assignment {
	return p.expected(p.params(k))
}

// add creates a row, which must succeed.
func (p *probe) add(params assignment.CreateParams) assignment.Assignment {
	result, err := p.service.Ensure(p.ctx, params)
	return p.created("create on a free slot", result, err)
}

// holder creates a row that holds the slot of the key.
func (p *probe) holder(k assignment.Key) assignment.Assignment { return p.add(p.params(k)) }

// newRow creates a row on a new key.
func (p *probe) newRow() assignment.Assignment { return p.holder(p.newKey()) }

// move changes the status, which must succeed.
func (p *probe) move(a assignment.Assignment, to assignment.Status) assignment.Assignment {
	moved, err := p.service.Transition(p.ctx, a.ID, to)
	p.ok(fmt.Sprintf("move from %q to %q", a.Status, to), err)
	return moved
}

// moveTo moves an initial row to a status by the shortest path.
func (p *probe) moveTo(a assignment.Assignment, to assignment.Status) assignment.Assignment {
	for _, step := range pathTo(p.lifecycle, to) {
		a = p.move(a, step)
	}
	return a
}

// closed creates a row on the key and moves it to the terminal status of p.terminal.
func (p *probe) closed(k assignment.Key) assignment.Assignment {
	return p.moveTo(p.holder(k), p.terminal())
}

// terminal is the first reachable terminal status from which a row may be reopened, or
// else the first reachable one.
func (p *probe) terminal() assignment.Status {
	reachable := filter(p.lifecycle.Terminal(), func(s assignment.Status) bool { return pathTo(p.lifecycle, s) != nil })
	if len(reachable) == 0 {
		p.failf("the lifecycle has no path from %q to a terminal status, so this can't be checked", p.lifecycle.Initial())
	}
	for _, s := range reachable {
		if p.lifecycle.Allows(s, p.lifecycle.Initial()) {
			return s
		}
	}
	return reachable[0]
}
