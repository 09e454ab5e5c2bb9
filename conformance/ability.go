package conformance

import (
	"fmt"
	"slices"

	"github.com/assignment-go/assignment"
)

// Ability is something that a useful store may lack. A call that needs an absent
// ability must return [assignment.ErrUnsupported] and do nothing.
type Ability string

// The abilities that a [Harness] may declare absent.
const (
	// AbilityReplace is the interface [assignment.Replacer].
	AbilityReplace Ability = "Replace"
	// AbilityBatch is the interface [assignment.BatchCreator]. Without it, batches are
	// still checked: Service sends them one item at a time.
	AbilityBatch Ability = "CreateMany"
	// AbilityReassign is changing the assignee.
	AbilityReassign Ability = "Reassign"
	// AbilityIfVersion is [assignment.IfVersion]. A store that lacks it may leave
	// every Version zero.
	AbilityIfVersion Ability = "IfVersion"
	// AbilityClientIDs is storing rows under IDs that clients make, by which a
	// repeated call is recognised. A store that lacks it is an [assignment.IDMaker].
	AbilityClientIDs Ability = "CreateParams.ID"
	// AbilityCreatedAt is storing that attribute, which is zero otherwise; lists
	// are then in the order of the IDs.
	AbilityCreatedAt Ability = "CreatedAt"
	// AbilityUpdatedAt is storing that attribute, which is zero otherwise.
	AbilityUpdatedAt Ability = "UpdatedAt"
	// AbilityCompletedAt is storing that attribute, which is zero otherwise.
	AbilityCompletedAt Ability = "CompletedAt"
	// AbilityAssignedBy is storing that attribute.
	AbilityAssignedBy Ability = "AssignedBy"
	// AbilityAccountID is storing that attribute, and filtering by it.
	AbilityAccountID Ability = "AccountID"
	// AbilityDueAt is storing that attribute, and filtering by it.
	AbilityDueAt Ability = "DueAt"
	// AbilityMetadata is storing that attribute.
	AbilityMetadata Ability = "Metadata"
	// AbilityRequest is storing the fingerprint of the request, which distinguishes a
	// repeated request from another one under the same ID.
	AbilityRequest Ability = "Request"
)

// What a rule may need besides the declared abilities. The suite finds out by itself
// whether it is there.
const (
	anyID       Ability = "any text as ID"
	anyKey      Ability = "any text as key"
	reopening   Ability = "a lifecycle that reopens"
	unretirable Ability = "a lifecycle with a holder that can't be retired"
)

// fits returns which policies have what is needed; nil for every policy.
func fits(need Ability) func(assignment.Policy) bool {
	switch need {
	case reopening:
		return reopens
	case unretirable:
		return hasUnretirableHolder
	default:
		return nil
	}
}

// The errors of stores that lack an optional interface.
var (
	errNoReplacer = &assignment.UnsupportedError{
		Ability: string(AbilityReplace), Reason: "the store does not implement assignment.Replacer",
	}
	errNoBatchCreator = &assignment.UnsupportedError{
		Ability: string(AbilityBatch), Reason: "the store does not implement assignment.BatchCreator",
	}
)

// Absence declares that a driver lacks an ability.
type Absence struct {
	// Ability is what it lacks.
	Ability Ability
	// Reason is shown wherever a rule is skipped for it. Required.
	Reason string
}

func checkAbsences(absent []Absence) error {
	known := []Ability{
		AbilityReplace, AbilityBatch, AbilityReassign, AbilityIfVersion,
		AbilityAssignedBy, AbilityAccountID, AbilityDueAt, AbilityMetadata,
		AbilityClientIDs, AbilityCreatedAt, AbilityUpdatedAt, AbilityCompletedAt,
		AbilityRequest,
	}
	for _, a := range absent {
		if !slices.Contains(known, a.Ability) {
			return fmt.Errorf("conformance: Harness.Absent: %q can't be declared absent", a.Ability)
		}
		if a.Reason == "" {
			return fmt.Errorf("conformance: Harness.Absent: %s needs a reason", a.Ability)
		}
	}
	return nil
}

// lacks returns why the ability is missing; empty when it is there.
func (h Harness) lacks(a Ability) string {
	switch {
	case a == anyID && h.NewID != nil:
		return "the harness makes the IDs, so the store may reject others"
	case a == anyKey && h.NewKey != nil:
		return "the harness makes the keys, so the store may reject others"
	case fits(a) != nil && !slices.ContainsFunc(h.Policies, fits(a)):
		return fmt.Sprintf("no policy of the harness has %s", a)
	}
	for _, absence := range h.Absent {
		if absence.Ability == a {
			return fmt.Sprintf("%s is declared absent: %s", a, absence.Reason)
		}
	}
	return ""
}

// reopens reports whether Service.Reopen can succeed.
func reopens(p assignment.Policy) bool {
	l := p.Lifecycle
	return slices.ContainsFunc(l.Terminal(), func(t assignment.Status) bool {
		return l.Allows(t, l.Initial()) && pathTo(l, t) != nil
	})
}

// hasUnretirableHolder reports whether the lifecycle forbids a move from some active
// status to some terminal one.
func hasUnretirableHolder(p assignment.Policy) bool {
	l := p.Lifecycle
	return slices.ContainsFunc(reachable(l), func(from assignment.Status) bool {
		return !l.IsTerminal(from) && slices.ContainsFunc(l.Terminal(), func(to assignment.Status) bool {
			return !l.Allows(from, to)
		})
	})
}
