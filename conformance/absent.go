package conformance

import (
	"time"

	"github.com/assignment-go/assignment"
)

// withNeed marks rules that need the ability.
func withNeed(a Ability, rules []Rule) []Rule {
	for i := range rules {
		rules[i].needs = append(rules[i].needs, a)
	}
	return rules
}

// withoutAbsent is the row that is wanted without what the driver is declared not to
// keep. An ID that only the store can know is that of the row that it gave.
func (p *probe) withoutAbsent(want, got assignment.Assignment) assignment.Assignment {
	for ability, at := range map[Ability]*time.Time{
		AbilityCreatedAt:   &want.CreatedAt,
		AbilityUpdatedAt:   &want.UpdatedAt,
		AbilityCompletedAt: &want.CompletedAt,
	} {
		if !p.has(ability) {
			*at = time.Time{}
		}
	}
	if !p.has(AbilityRequest) {
		want.Request = ""
	}
	if !p.has(AbilityIfVersion) && got.Version == 0 {
		want.Version = 0
	}
	if !p.has(AbilityClientIDs) && want.ID == "" {
		want.ID = got.ID
	}
	return want
}

// chosenID is the ID of a new request; empty when the store makes it.
func (p *probe) chosenID() assignment.ID {
	if !p.has(AbilityClientIDs) {
		return ""
	}
	return p.newID()
}

// find reads a row by its ID, or by its slot when only the store knows the ID.
func (p *probe) find(s *assignment.Service, want assignment.Assignment) (assignment.Assignment, error) {
	if want.ID == "" {
		return s.FindActive(p.ctx, want.Key)
	}
	return s.Get(p.ctx, want.ID)
}
