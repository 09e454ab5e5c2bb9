package conformance

import (
	"context"
	"fmt"
	"slices"
)

// CheckRule checks a single rule, for tests of the suite.
func CheckRule(ctx context.Context, h Harness, name string) (Result, error) {
	s, err := newSuite(h)
	if err != nil {
		return Result{}, err
	}
	for _, rule := range Rules() {
		if rule.Name == name {
			return s.checkRule(ctx, rule), nil
		}
	}
	return Result{}, fmt.Errorf("there is no rule %q", name)
}

// Needs reports whether a rule needs one of the abilities.
func (r Rule) Needs(abilities ...Ability) bool {
	return slices.ContainsFunc(r.needs, func(a Ability) bool { return slices.Contains(abilities, a) })
}
