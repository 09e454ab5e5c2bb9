package guard

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/assignment-go/assignment"
)

// Role is what an index is to the slot.
type Role int

// The roles of indexes.
const (
	// RoleUnrelated: it says nothing about the slot, or is a rule of the owner's
	// that no assignment which the policy allows can break.
	RoleUnrelated Role = iota
	// RoleGuard: it keeps the guarantee, once it is usable.
	RoleGuard
	// RoleSuperseded: the SDK built it as a guard, and another one of the same slot
	// and condition guards.
	RoleSuperseded
	// RoleTemporary: package adopt built it to keep duplicates out while it builds
	// the guard, and was stopped before it could drop it.
	RoleTemporary
	// RoleLeftover: a build of an index on the key that did not end.
	RoleLeftover
	// RoleLookalike: it looks like the guard, but does not enforce what it should:
	// it is not unique, or leaves active rows out.
	RoleLookalike
	// RoleStricter: a rule of the owner's that refuses assignments which the policy
	// allows.
	RoleStricter
	// RoleFiner: a rule of the owner's on the key and more columns: rows that are
	// different things to the owner are one slot to the mapping.
	RoleFiner
	// RoleBlocking: no insert can name the key as its conflict target while it is
	// there.
	RoleBlocking
)

// Verdict is what was found about one index.
type Verdict struct {
	// Index is the index.
	Index Index
	// Role is what it is to the slot.
	Role Role
	// OnKey means that it is on exactly the columns of the slot.
	OnKey bool
	// Problem and Detail say what is wrong with it, or what it costs. They are
	// empty for unrelated indexes and guards.
	Problem assignment.GuardProblem
	Detail  string
	// Others are the columns by which its predicate tells rows apart that the
	// mapping does not: neither the key nor the status.
	Others []string
	// BuiltBySDK means that it has a name that the SDK gives to guards.
	BuiltBySDK bool
	// Kept says what depends on it so that it can't be dropped, empty for nothing.
	Kept string
	// Exact means, for a guard, that it is just what the SDK would build.
	Exact bool
	// Rests says, for a guard, what its predicate owes its equality to.
	Rests string
}

// judge finds the role of one index.
func (v *verifier) judge(ctx context.Context, i Index) (Verdict, error) {
	if i.Name == TemporaryName(v.catalog.OID) {
		return Verdict{Index: i, Role: RoleTemporary, BuiltBySDK: true}, nil
	}
	d := Verdict{Index: i, OnKey: v.onKey(i), BuiltBySDK: v.builtBySDK(i), Kept: v.kept(i), Others: v.others(i)}
	if !i.Unique {
		return v.judgeLookalike(ctx, d)
	}
	if slices.Contains(i.Columns, v.table().Columns.ID) {
		return d, nil // it tells rows apart, not slots
	}
	if v.comparesOtherwise(i) {
		return v.judgeComparison(ctx, d)
	}
	switch n := v.keyColumns(i); {
	case n == 0:
		return d, nil
	case d.OnKey:
		return v.judgeOnKey(ctx, d)
	case n == len(v.spec.slot()):
		return v.judgeFiner(ctx, d)
	default:
		return v.judgeCoarser(ctx, d)
	}
}

// onKey reports whether the index is on exactly the columns of the slot.
func (v *verifier) onKey(i Index) bool {
	return len(i.Columns) == len(v.spec.slot()) && v.keyColumns(i) == len(v.spec.slot())
}

// keyColumns counts the columns of the slot that the index is on.
func (v *verifier) keyColumns(i Index) int {
	n := 0
	for _, name := range v.spec.slot() {
		if slices.Contains(i.Columns, name) {
			n++
		}
	}
	return n
}

// others returns the columns of the predicate that are neither key nor status.
func (v *verifier) others(i Index) []string {
	if i.Predicate == "" {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(i.Mentions), func(name string) bool {
		return name == v.table().Columns.Status || slices.Contains(v.spec.slot(), name) || slices.Contains(i.Columns, name)
	})
}

// comparesOtherwise reports whether the index may take two keys for one.
func (v *verifier) comparesOtherwise(i Index) bool {
	mentioned := slices.Concat(i.Columns, i.Mentions)
	touches := slices.ContainsFunc(v.spec.slot(), func(name string) bool { return slices.Contains(mentioned, name) })
	return touches && (slices.Contains(i.Columns, "") || !i.Deterministic || len(i.OperatorClasses) > 0)
}

// judgeComparison knows no more than that such an index may refuse good keys;
// one on further columns is taken for a rule of the owner's.
func (v *verifier) judgeComparison(ctx context.Context, d Verdict) (Verdict, error) {
	i := d.Index
	known := append(slices.Clone(v.spec.slot()), v.table().Columns.Status, "")
	if slices.ContainsFunc(slices.Concat(i.Columns, i.Mentions), func(name string) bool { return !slices.Contains(known, name) }) {
		return d, nil
	}
	if apart, err := v.apart(ctx, i); err != nil || apart {
		return d, err
	}
	why := "an expression"
	switch {
	case len(i.OperatorClasses) > 0:
		why = "the operator class " + strings.Join(i.OperatorClasses, ", ")
	case !i.Deterministic:
		why = "a collation under which distinct keys are equal"
	}
	d.Role, d.Problem = RoleStricter, assignment.GuardOtherComparison
	d.Detail = fmt.Sprintf("compares the key by %s, not byte by byte: two keys that are one to it can't both be active", why)
	return d, nil
}

// judgeLookalike recognises what was probably meant to be the guard.
func (v *verifier) judgeLookalike(ctx context.Context, d Verdict) (Verdict, error) {
	if !d.OnKey || d.Index.Predicate == "" {
		return d, nil
	}
	same, err := v.same(ctx, d.Index)
	if err == nil && same {
		d.Role, d.Problem, d.Detail = RoleLookalike, assignment.GuardNotUnique, "is not unique"
	}
	return d, err
}

func (v *verifier) judgeOnKey(ctx context.Context, d Verdict) (Verdict, error) {
	i := d.Index
	switch {
	case !i.Immediate:
		d.Role, d.Problem = RoleBlocking, assignment.GuardDeferrable
		d.Detail = "belongs to a deferrable constraint: the server refuses every insert that names the key as its " +
			"conflict target; the owner must make the constraint NOT DEFERRABLE, or drop it"
		return d, nil
	case !i.Usable() && !v.catalog.Partitioned() && i.Constraint == "":
		d.Role, d.Problem = RoleLeftover, assignment.GuardInvalid
		d.Detail = fmt.Sprintf("is not usable (valid %t, ready %t, live %t), as a failed or unfinished build leaves it",
			i.Valid, i.Ready, i.Live)
		return d, nil
	case i.Predicate == "":
		d.Role, d.Problem = RoleStricter, assignment.GuardFullIndex
		d.Detail = "has no predicate, so that a key can be assigned only once: after it is completed, the same key can't be assigned again"
		return d, nil
	}
	return v.judgePredicate(ctx, d)
}

// judgeFiner recognises a rule that has the key and more: what the mapping takes
// for duplicates may be different things to the owner.
func (v *verifier) judgeFiner(ctx context.Context, d Verdict) (Verdict, error) {
	if apart, err := v.apart(ctx, d.Index); err != nil || apart {
		return d, err
	}
	d.Role, d.Problem = RoleFiner, assignment.GuardOtherColumns
	d.Detail = fmt.Sprintf("is on the columns %s, of which the mapping names only %s as the key: "+
		"rows that are different to it are one slot to the mapping",
		strings.Join(quoteAll(d.Index.Columns), ", "), strings.Join(quoteAll(v.spec.slot()), ", "))
	return d, nil
}

// judgeCoarser recognises a rule on a part of the key.
func (v *verifier) judgeCoarser(ctx context.Context, d Verdict) (Verdict, error) {
	if apart, err := v.apart(ctx, d.Index); err != nil || apart {
		return d, err
	}
	d.Role, d.Problem = RoleStricter, assignment.GuardOtherColumns
	missing := slices.DeleteFunc(v.spec.slot(), func(name string) bool { return slices.Contains(d.Index.Columns, name) })
	d.Detail = fmt.Sprintf("allows one row for each %s%s: a second one that differs only in %s is refused",
		strings.Join(quoteAll(d.Index.Columns), ", "), where(d.Index), strings.Join(quoteAll(missing), ", "))
	return d, nil
}

func where(i Index) string {
	if i.Predicate == "" {
		return ""
	}
	return " where " + i.Predicate
}

// apart reports whether no active row is in the index.
func (v *verifier) apart(ctx context.Context, i Index) (bool, error) {
	if i.Predicate == "" {
		return false, nil
	}
	return v.disjoint(ctx, i.Predicate, v.spec.active())
}

// same reports whether the predicate is the expected one, in whatever words.
func (v *verifier) same(ctx context.Context, i Index) (bool, error) {
	d, err := v.judgePredicate(ctx, Verdict{Index: i})
	return d.Role == RoleGuard, err
}

// judgePredicate compares the predicate with the expected one.
func (v *verifier) judgePredicate(ctx context.Context, d Verdict) (Verdict, error) {
	i := d.Index
	words, err := v.normalise(ctx, i.Predicate)
	if err != nil {
		return d, err
	}
	if words != "" && words == v.active {
		d.Role, d.Exact = RoleGuard, !i.NullsNotDistinct && slices.Equal(i.Columns, v.spec.slot())
		return d, nil
	}
	var covers, covered bool
	for _, p := range []struct {
		proved *bool
		a, b   string
	}{{&covers, v.spec.active(), i.Predicate}, {&covered, i.Predicate, v.spec.active()}} {
		if *p.proved, err = v.implies(ctx, p.a, p.b); err != nil {
			return d, err
		}
		if *p.proved || v.domain == "" {
			continue
		}
		if *p.proved, err = v.impliesHere(ctx, p.a, p.b); err != nil {
			return d, err
		}
		if *p.proved {
			d.Rests = v.limitedBy
		}
	}
	if covers && covered {
		d.Role = RoleGuard
		return d, nil
	}
	d.Rests = ""
	return v.judgeOther(ctx, d, covers, covered)
}

// judgeOther sorts an index on the key with another predicate.
//
//nolint:revive // flag-parameter: both are what was proved of the index
func (v *verifier) judgeOther(ctx context.Context, d Verdict, covers, covered bool) (Verdict, error) {
	if !covers {
		if apart, err := v.apart(ctx, d.Index); err != nil || apart {
			return d, err
		}
	}
	d.Problem = assignment.GuardOtherPredicate
	has := fmt.Sprintf("has the predicate %s, expected %s: it ", d.Index.Predicate, v.spec.active())
	const unless = ", unless the store is opened with the lifecycle that it was built for"
	switch {
	case covers:
		d.Role, d.Detail = RoleStricter, has+"also covers rows that hold no slot, and refuses an assignment while one of the same key "+
			"is there"+unless
	case covered && len(d.Others) > 0:
		d.Role, d.Detail = RoleLookalike, has+fmt.Sprintf("leaves out rows by %s, which the mapping does not know: to the SDK "+
			"those rows would be assignments and hold their slots. The mapping can't say that such rows do not count; "+
			"a table like this is not supported", strings.Join(quoteAll(d.Others), ", "))
	case covered:
		d.Role, d.Detail = RoleLookalike, has+"does not cover every row that holds its slot"+unless
	default:
		d.Role, d.Detail = RoleStricter, has+"does not cover every row that holds its slot, and may cover others"+unless
	}
	return d, nil
}
