package guard

import (
	"fmt"
	"slices"
	"strings"

	"github.com/assignment-go/assignment/postgres/internal/sqltext"
	"github.com/assignment-go/assignment/postgres/schema"
)

// question is what the shape of an index leaves open about its role, so that the
// planner has to compare its predicate with that of an active row.
type question int

const (
	// nothing: the role is final.
	nothing question = iota
	// overlap: the index is unrelated if it has no active rows.
	overlap
	// equivalence: it is unrelated unless its predicate is that of the guard.
	equivalence
	// comparison: the predicate decides on the role.
	comparison
)

// classify finds the role of an index by its shape, and what remains to be asked.
func (f fixes) classify(i Index) (Verdict, question) {
	if i.Name == TemporaryName(f.catalog.OID) {
		return Verdict{Index: i, Role: RoleTemporary, BuiltBySDK: true}, nothing
	}
	d := Verdict{Index: i, OnKey: f.onKey(i), BuiltBySDK: f.builtBySDK(i), Dependents: f.dependents(i), Unmapped: f.unmapped(i)}
	switch n := f.keyColumns(i); {
	case !i.Unique && d.OnKey && i.Predicate != "":
		d.Role, d.Problem, d.Detail = RoleLookalike, schema.GuardNotUnique, "is not unique"
		return d, equivalence
	case !i.Unique, slices.Contains(i.Columns, f.table().Columns.ID): // the latter identifies rows, not slots
		return d, nothing
	case f.comparesOtherwise(i):
		return f.otherComparison(d)
	case d.OnKey:
		return f.classifyOnKey(d)
	case n == len(f.spec.slot()):
		return f.finer(d)
	case n > 0:
		return f.coarser(d)
	default:
		return d, nothing
	}
}

// onKey reports whether the index is on exactly the columns of the slot.
func (f fixes) onKey(i Index) bool {
	return len(i.Columns) == len(f.spec.slot()) && f.keyColumns(i) == len(f.spec.slot())
}

// keyColumns counts the columns of the slot that the index is on.
func (f fixes) keyColumns(i Index) int {
	n := 0
	for _, name := range f.spec.slot() {
		if slices.Contains(i.Columns, name) {
			n++
		}
	}
	return n
}

// unmapped returns the columns of the predicate that are neither key nor status.
func (f fixes) unmapped(i Index) []string {
	if i.Predicate == "" {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(i.Mentions), func(name string) bool {
		return name == f.table().Columns.Status || slices.Contains(f.spec.slot(), name) || slices.Contains(i.Columns, name)
	})
}

// comparesOtherwise reports whether the index may treat two different keys as equal.
func (f fixes) comparesOtherwise(i Index) bool {
	mentioned := slices.Concat(i.Columns, i.Mentions)
	touches := slices.ContainsFunc(f.spec.slot(), func(name string) bool { return slices.Contains(mentioned, name) })
	return touches && (slices.Contains(i.Columns, "") || !i.Deterministic || len(i.OperatorClasses) > 0)
}

// otherComparison only knows that such an index may reject valid keys. One on
// further columns is taken to be a rule of the owner's.
func (f fixes) otherComparison(d Verdict) (Verdict, question) {
	i := d.Index
	known := append(slices.Clone(f.spec.slot()), f.table().Columns.Status, "")
	if slices.ContainsFunc(slices.Concat(i.Columns, i.Mentions), func(name string) bool { return !slices.Contains(known, name) }) {
		return d, nothing
	}
	how := "an expression"
	switch {
	case len(i.OperatorClasses) > 0:
		how = "the operator class " + strings.Join(i.OperatorClasses, ", ")
	case !i.Deterministic:
		how = "a collation under which different keys are equal"
	}
	d.Role, d.Problem = RoleStricter, schema.GuardOtherComparison
	d.Detail = fmt.Sprintf("compares the key by %s, not byte by byte: two keys that are equal to it can't both be active", how)
	return d, overlap
}

func (f fixes) classifyOnKey(d Verdict) (Verdict, question) {
	i := d.Index
	switch {
	case !i.Immediate:
		d.Role, d.Problem = RoleBlocking, schema.GuardDeferrable
		d.Detail = "belongs to a deferrable constraint: the server rejects every insert that names the key as its " +
			"conflict target; the owner must make the constraint NOT DEFERRABLE, or drop it"
		return d, nothing
	case !i.Usable() && !f.catalog.Partitioned() && i.Constraint == "":
		d.Role, d.Problem = RoleLeftover, schema.GuardInvalid
		d.Detail = fmt.Sprintf("is not usable (valid %t, ready %t, live %t), as a failed or unfinished build leaves it",
			i.Valid, i.Ready, i.Live)
		return d, nothing
	case i.Predicate == "":
		d.Role, d.Problem = RoleStricter, schema.GuardFullIndex
		d.Detail = "has no predicate, so a key can be assigned only once: after it is completed, it can't be assigned again"
		return d, nothing
	default:
		return d, comparison
	}
}

// finer is an index on the key and more columns: what the mapping takes for
// duplicates may be different things to the owner.
func (f fixes) finer(d Verdict) (Verdict, question) {
	d.Role, d.Problem = RoleFiner, schema.GuardOtherColumns
	d.Distinguishes = f.keyParts(d.Index.Columns)
	d.Detail = fmt.Sprintf("is on the columns %s, of which the mapping names only %s as the key: "+
		"rows that are different to it are one slot to the mapping",
		sqltext.Columns(d.Index.Columns...), sqltext.Columns(f.spec.slot()...))
	return d, overlap
}

// coarser is an index on a part of the key.
func (f fixes) coarser(d Verdict) (Verdict, question) {
	missing := slices.DeleteFunc(f.spec.slot(), func(name string) bool { return slices.Contains(d.Index.Columns, name) })
	where := ""
	if d.Index.Predicate != "" {
		where = " where " + d.Index.Predicate
	}
	d.Role, d.Problem = RoleStricter, schema.GuardOtherColumns
	d.Detail = fmt.Sprintf("allows one row for each %s%s: a second one that differs only in %s is rejected",
		sqltext.Columns(d.Index.Columns...), where, sqltext.Columns(missing...))
	return d, overlap
}

// keyParts returns the columns that may be part of the owner's key without being
// mapped as such. A time is none: an index that has it beside the key was meant to
// be a guard, and is not one. A day may be.
func (f fixes) keyParts(names []string) []string {
	c := f.table().Columns
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool {
		if slices.Contains(f.spec.slot(), name) {
			return true
		}
		col, _ := f.catalog.Column(name)
		return slices.Contains([]string{c.CreatedAt, c.UpdatedAt, c.Version}, name) && col.PGType != Date
	})
}
