package conformance

import (
	"time"

	"github.com/assignment-go/assignment"
)

// withNeed makes the rules need the ability.
func withNeed(a Ability, rules []Rule) []Rule {
	for i := range rules {
		rules[i].needs = append(rules[i].needs, a)
	}
	return rules
}

// withoutAbsent removes from the wanted row what the driver is declared not to store. An
// ID that the store makes is taken from the row that it returned.
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

// chosenID is the ID for a new request; empty when the store makes it.
func (p *probe) chosenID() assignment.ID {
	if !p.has(AbilityClientIDs) {
		return ""
	}
	return p.newID()
}

// find reads a row by its ID, or by its slot when the ID is not known.
func (p *probe) find(s *assignment.Service, want assignment.Assignment) (assignment.Assignment, error) {
	if want.ID == "" {
		return s.FindActive(p.ctx, want.Key)
	}
	return s.Get(p.ctx, want.ID)
}
