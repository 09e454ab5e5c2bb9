package guard

import "github.com/assignment-go/assignment"

// Role is what an index is to the slot.
type Role int

// The roles of indexes.
const (
	// RoleUnrelated: it has nothing to do with the slot, or is a rule of the owner's
	// that no assignment which the policy allows can violate.
	RoleUnrelated Role = iota
	// RoleGuard: it keeps the guarantee, once it is usable.
	RoleGuard
	// RoleSuperseded: the SDK built it as a guard, and another one guards the same
	// slot under the same condition.
	RoleSuperseded
	// RoleTemporary: package adopt built it to prevent new duplicates while it builds
	// the guard, and was stopped before it could drop it.
	RoleTemporary
	// RoleLeftover: an index on the key whose build did not finish.
	RoleLeftover
	// RoleLookalike: it looks like the guard but does not enforce what a guard must:
	// it is not unique, or excludes active rows.
	RoleLookalike
	// RoleStricter: a rule of the owner's that rejects assignments which the policy
	// allows.
	RoleStricter
	// RoleFiner: a rule of the owner's on the key and more columns: it distinguishes
	// rows that are one slot to the mapping.
	RoleFiner
	// RoleBlocking: while it exists no insert can name the key as its conflict
	// target.
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
	// Unmapped are the columns that its predicate excludes rows by and that are
	// neither key nor status.
	Unmapped []string
	// Distinguishes are the columns by which it distinguishes rows that are one slot
	// to the mapping. It is empty for an index that is not unique.
	Distinguishes []string
	// BuiltBySDK means that it has a name that the SDK gives to guards.
	BuiltBySDK bool
	// Dependents says what depends on it so that it can't be dropped, empty for
	// nothing.
	Dependents string
	// Exact means, for a guard, that it is just what the SDK would build.
	Exact bool
	// Because says, for a guard, what makes its predicate equivalent to the expected
	// one, such as a CHECK constraint. It is empty for one that always is.
	Because string
}

// betterThan compares two guards. The best is just what the SDK would build; the
// next best depends on nothing else.
func (d Verdict) betterThan(other Verdict) bool {
	if d.Exact != other.Exact {
		return d.Exact
	}
	return d.Because == "" && other.Because != ""
}
