package guard

import (
	"fmt"
	"slices"

	"github.com/assignment-go/assignment/postgres/internal/sqltext"
	"github.com/assignment-go/assignment/postgres/schema"
)

// relation is what was proved about the predicate of an index and that of an
// active row.
type relation struct {
	// identical means that the planner words both the same.
	identical bool
	// covers means that every active row is in the index.
	covers bool
	// covered means that every row in the index is active.
	covered bool
	// disjoint means that no active row is in the index.
	disjoint bool
	// because says what covers and covered depend on, if not on the predicates alone.
	because string
}

// decide finds the role of an index on the key by its predicate.
func (f fixes) decide(d Verdict, r relation) Verdict {
	switch {
	case r.identical:
		d.Role = RoleGuard
		d.Exact = !d.Index.NullsNotDistinct && slices.Equal(d.Index.Columns, f.spec.slot())
		return d
	case r.covers && r.covered:
		d.Role, d.Because = RoleGuard, r.because
		return d
	case r.disjoint:
		return d
	}
	d.Problem = schema.GuardOtherPredicate
	d.Distinguishes = f.keyParts(d.Unmapped)
	has := fmt.Sprintf("has the predicate %s, expected %s: it ", d.Index.Predicate, f.spec.active())
	const otherwise = "; if it was built for another lifecycle, open the store with that one"
	switch {
	case r.covers:
		d.Role = RoleStricter
		d.Detail = has + "also covers rows that hold no slot, and rejects an assignment while one of them has the same key" + otherwise
	case r.covered && len(d.Unmapped) > 0:
		d.Role = RoleLookalike
		d.Detail = has + fmt.Sprintf("leaves out rows by %s, which is not mapped: to the SDK those rows are assignments "+
			"that hold their slots. The mapping can't leave them out, so a table like this is not supported",
			sqltext.Columns(d.Unmapped...))
	case r.covered:
		d.Role, d.Detail = RoleLookalike, has+"does not cover every row that holds its slot"+otherwise
	default:
		d.Role, d.Detail = RoleStricter, has+"does not cover every row that holds its slot, and may cover others"+otherwise
	}
	return d
}
