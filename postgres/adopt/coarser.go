package adopt

import (
	"slices"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/guard"
	"github.com/assignment-go/assignment/postgres/internal/sqltext"
)

// coarser returns a unique index of the host's that tells rows apart which the
// mapping takes for one slot: one on the key and more columns, or one whose
// condition leaves rows out by a column that the mapping does not know, such as
// the mark of a soft delete. Rows that are good to their owner then look like
// duplicates, so nobody retires them, and no index forbids them, unless the
// options say that it is meant so.
func (t *table) coarser() (finding assignment.GuardFinding, found bool) {
	if t.Guard != nil || t.settings.CoarserThanIndex {
		return finding, false
	}
	for _, v := range t.Verdicts {
		if !t.tellsApart(v) {
			continue
		}
		return assignment.GuardFinding{
			Problem: v.Problem,
			Detail: "unique index " + sqltext.Quote(v.Index.Name) + " " + v.Detail +
				". Map what is missing if you can; nothing is retired, built or dropped meanwhile. " +
				"Set Options.CoarserThanIndex if the rule that you give is to replace this one",
		}, true
	}
	return finding, false
}

func (t *table) tellsApart(v guard.Verdict) bool {
	switch {
	case !v.Index.Unique:
		return false
	case v.Role == guard.RoleFiner:
		return slices.ContainsFunc(v.Index.Columns, t.isPartOfKey)
	case v.OnKey && (v.Role == guard.RoleLookalike || v.Role == guard.RoleStricter):
		return slices.ContainsFunc(v.Others, t.isPartOfKey)
	default:
		return false
	}
}

// isPartOfKey reports whether a column may tell one thing from another. A moment
// does not: an index that has it beside the key was meant to be a guard, and is
// none. A day may.
func (t *table) isPartOfKey(name string) bool {
	c := t.settings.table.Columns
	if name == c.AssigneeID || name == c.SubjectID {
		return false
	}
	moments := []string{c.CreatedAt, c.UpdatedAt, c.Version}
	return !slices.Contains(moments, name) || t.column(name).PGType == guard.Date
}
