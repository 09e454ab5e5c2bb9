package conformance

import (
	"context"

	"github.com/assignment-go/assignment"
)

func storeRules() []Rule {
	return []Rule{
		{
			Name:        "store/enforces_the_given_policy",
			Statement:   "Policy returns, on both handles, the policy that the backend was opened with.",
			Contract:    onPolicy,
			everyPolicy: true,
			check:       policyIsTheOneOpened,
		},
		{
			Name:      "store/starts_empty",
			Statement: "A new backend has no rows, so that no rule sees the rows of another one.",
			Contract:  onGet,
			check:     backendIsEmpty,
		},
		{
			Name:      "store/absent_abilities_return_unsupported",
			Statement: "Calls that need an ability which the harness declares absent return ErrUnsupported and write nothing.",
			Contract:  onUnsupported,
			check:     absentIsUnsupported,
		},
	}
}

func policyIsTheOneOpened(p *probe) {
	for i, store := range []assignment.Store{p.store, p.second} {
		if got := store.Policy(); !got.Equal(p.policy) {
			p.failf("handle %d has the policy %v, want %v", i+1, got, p.policy)
		}
	}
}

func backendIsEmpty(p *probe) {
	p.sameRows("list everything", p.list(p.service, assignment.Query{}), nil)
	n, err := p.other.Count(p.ctx, assignment.Query{})
	p.ok("count everything", err)
	if n != 0 {
		p.failf("count everything: got %d, want 0", n)
	}
}

func absentIsUnsupported(p *probe) {
	for _, absence := range p.harness.Absent {
		for _, use := range p.usesOf(absence.Ability) {
			p.changesNothing(string(absence.Ability), func() {
				p.wantError(string(absence.Ability), use(p.ctx), assignment.ErrUnsupported)
			})
		}
	}
}

// usesOf lists calls that need the ability, and no other that may be absent.
func (p *probe) usesOf(a Ability) []func(context.Context) error {
	holder := p.add(assignment.CreateParams{ID: p.chosenID(), Key: p.newKey()})
	with := assignment.CreateParams{ID: p.chosenID(), Key: p.newKey()}
	create := func(ctx context.Context) error {
		_, err := p.service.Create(ctx, with)
		return err
	}
	count := func(q assignment.Query) func(context.Context) error {
		return func(ctx context.Context) error {
			_, err := p.service.Count(ctx, q)
			return err
		}
	}
	switch a {
	case AbilityCreatedAt, AbilityUpdatedAt, AbilityCompletedAt, AbilityRequest:
		return nil // no call asks for them: they are zero, which all rules check
	case AbilityClientIDs:
		with.ID = p.newID()
		return []func(context.Context) error{create}
	case AbilityReplace:
		return []func(context.Context) error{func(ctx context.Context) error {
			_, err := p.service.Replace(ctx, with, assignment.ReplaceParams{RetireTo: p.terminal()})
			return err
		}}
	case AbilityBatch:
		return []func(context.Context) error{func(ctx context.Context) error {
			_, err := p.service.CreateMany(ctx, []assignment.CreateParams{with}, &assignment.BatchOptions{AllOrNothing: true})
			return err
		}}
	case AbilityReassign:
		return []func(context.Context) error{func(ctx context.Context) error {
			_, err := p.service.Reassign(ctx, holder.ID, p.newKey().AssigneeID)
			return err
		}}
	case AbilityIfVersion:
		return []func(context.Context) error{func(ctx context.Context) error {
			_, err := p.service.Transition(ctx, holder.ID, p.terminal(), assignment.IfVersion(1))
			return err
		}}
	case AbilityAssignedBy:
		with.AssignedBy = "somebody"
		return []func(context.Context) error{create}
	case AbilityAccountID:
		with.AccountID = "account"
		return []func(context.Context) error{create, count(assignment.Query{AccountID: "account"})}
	case AbilityDueAt:
		with.DueAt = p.clock.Now()
		return []func(context.Context) error{create, count(assignment.Query{DueBefore: p.clock.Now()})}
	default:
		with.Metadata = map[string]any{"n": 1.0}
		return []func(context.Context) error{create}
	}
}
