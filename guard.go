package assignment

import (
	"fmt"
	"strings"
)

// GuardProblem classifies what is wrong with the guard of the active slot.
type GuardProblem string

// The problems that a [GuardError] can report. The words suit a unique index,
// which is what guards the slot in a database.
const (
	// GuardNoTable: the table does not exist or can't be seen.
	GuardNoTable GuardProblem = "table_missing"
	// GuardNoColumn: a mapped column does not exist.
	GuardNoColumn GuardProblem = "column_missing"
	// GuardColumnType: a mapped column has a type that is not supported for its
	// attribute, an enum lacks a status, or the collation of the ID, a key or the
	// status makes distinct values compare equal.
	GuardColumnType GuardProblem = "column_type"
	// GuardColumnRequired: a column that the SDK does not fill accepts no NULL
	// and has no default, so that nothing could be created.
	GuardColumnRequired GuardProblem = "column_required"
	// GuardNullable: the ID, a key or the status column accepts NULL, which
	// would evade the index.
	GuardNullable GuardProblem = "column_nullable"
	// GuardNoPrimaryKey: no unique index guards the ID column, so that a retry
	// could create a second row.
	GuardNoPrimaryKey GuardProblem = "id_not_unique"
	// GuardIDOrigin: the mapping and the ID column disagree on who makes the IDs,
	// the client or the database.
	GuardIDOrigin GuardProblem = "id_origin"
	// GuardMissing: no index on the key columns.
	GuardMissing GuardProblem = "index_missing"
	// GuardInvalid: the index exists but is not valid, ready and live, as a
	// failed CREATE INDEX CONCURRENTLY leaves it.
	GuardInvalid GuardProblem = "index_invalid"
	// GuardNotUnique: the index is not unique.
	GuardNotUnique GuardProblem = "index_not_unique"
	// GuardOtherColumns: a unique index covers fewer columns than the key.
	GuardOtherColumns GuardProblem = "index_other_columns"
	// GuardFullIndex: the index has no predicate and so forbids history.
	GuardFullIndex GuardProblem = "index_full"
	// GuardOtherPredicate: the predicate of the index is not that of the
	// lifecycle.
	GuardOtherPredicate GuardProblem = "index_other_predicate"
	// GuardUnverifiable: the check itself was not permitted.
	GuardUnverifiable GuardProblem = "unverifiable"
)

// GuardFinding is one problem and the way to mend it.
type GuardFinding struct {
	// Problem classifies it.
	Problem GuardProblem
	// Detail says in words what was found, with the names involved.
	Detail string
	// Fix is the SQL that mends it: statements for an operator to read, and to
	// run one by one outside a transaction. It is empty when SQL alone does not
	// mend it.
	Fix []string
}

// GuardError reports that a store can't keep the guarantee. It is
// [ErrUnguarded].
type GuardError struct {
	// Table is the table that was inspected, as configured.
	Table string
	// Findings has at least one element.
	Findings []GuardFinding
}

// Error lists every finding with its fix.
func (e *GuardError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%v on table %s", ErrUnguarded, e.Table)
	for _, f := range e.Findings {
		fmt.Fprintf(&b, "; %s: %s", f.Problem, f.Detail)
		if len(f.Fix) > 0 {
			fmt.Fprintf(&b, " (fix: %s)", strings.Join(f.Fix, " "))
		}
	}
	return b.String()
}

// Is reports whether target is [ErrUnguarded].
func (e *GuardError) Is(target error) bool { return target == ErrUnguarded }

// Has reports whether one of the findings is of the given problem.
func (e *GuardError) Has(p GuardProblem) bool {
	for _, f := range e.Findings {
		if f.Problem == p {
			return true
		}
	}
	return false
}
