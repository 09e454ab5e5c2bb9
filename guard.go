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
	// GuardNotATable: the name is that of a view, a materialized view, a foreign
	// table or anything else that no unique index of this database guards.
	GuardNotATable GuardProblem = "not_a_table"
	// GuardTemporary: the name leads to a temporary table, which only one session
	// sees and which hides the table that was meant.
	GuardTemporary GuardProblem = "table_temporary"
	// GuardEncoding: the server or the client encoding is not UTF8. Two programs
	// would then write different bytes for one text, and both get the slot.
	GuardEncoding GuardProblem = "encoding"
	// GuardInheritance: other tables inherit from the table. Their rows are rows
	// of the table, but no index of it spans them.
	GuardInheritance GuardProblem = "inheritance"
	// GuardRewriteRule: a rewrite rule puts other statements in the place of those
	// that the store sends.
	GuardRewriteRule GuardProblem = "rewrite_rule"
	// GuardPartitionKey: the table is partitioned by something else than key
	// columns, so that no unique index on the key can span the partitions.
	GuardPartitionKey GuardProblem = "partition_key"
	// GuardNoColumn: a mapped column does not exist.
	GuardNoColumn GuardProblem = "column_missing"
	// GuardColumnType: a mapped column has a type that is not supported for its
	// attribute, an enum lacks a status, or the collation of the ID, a key or the
	// status makes distinct values compare equal.
	GuardColumnType GuardProblem = "column_type"
	// GuardStatusCheck: a CHECK constraint forbids a status of the lifecycle.
	GuardStatusCheck GuardProblem = "status_check"
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
	// GuardOtherColumns: a unique index covers fewer columns than the key. It
	// refuses assignments that the policy allows, which is a warning.
	GuardOtherColumns GuardProblem = "index_other_columns"
	// GuardOtherComparison: the index compares keys otherwise than byte by byte:
	// by an expression, a collation or an operator class of its own.
	GuardOtherComparison GuardProblem = "index_other_comparison"
	// GuardDeferrable: a deferrable constraint on the key makes the server refuse
	// every insert that names the key as a conflict target.
	GuardDeferrable GuardProblem = "index_deferrable"
	// GuardFullIndex: the index has no predicate and so forbids history. Beside a
	// guard it is a warning.
	GuardFullIndex GuardProblem = "index_full"
	// GuardOtherPredicate: the predicate of the index is not that of the
	// lifecycle. Beside a guard it is a warning, and only if the index refuses
	// assignments that the policy allows.
	GuardOtherPredicate GuardProblem = "index_other_predicate"
	// GuardRests: a warning. The guard is only as good as something beside it,
	// such as a CHECK constraint that makes its predicate equal to the expected.
	GuardRests GuardProblem = "index_rests_on"
	// GuardUnlogged: a warning. The table is UNLOGGED: a crash of the server
	// empties it, and standbys don't have it.
	GuardUnlogged GuardProblem = "table_unlogged"
	// GuardDetaching: a warning. A partition is about to be detached; its rows
	// can't be seen through the table any more.
	GuardDetaching GuardProblem = "partition_detaching"
	// GuardCollationVersion: a warning. An index that guards was built under
	// another version of its collation than the system now has, and may have let
	// duplicates in since.
	GuardCollationVersion GuardProblem = "collation_version"
	// GuardRowSecurity: a warning. Row-level security hides rows from the role:
	// the guard still counts them, but a conflict can't name its holder.
	GuardRowSecurity GuardProblem = "row_security"
	// GuardUnverifiable: the check itself was not permitted.
	GuardUnverifiable GuardProblem = "unverifiable"
)

// GuardFinding is one problem and the way to fix it. A finding of a [GuardError]
// breaks the guarantee; one that a store reports as a warning does not, but has
// the consequence that its Detail names.
type GuardFinding struct {
	// Problem classifies it.
	Problem GuardProblem
	// Detail says in words what was found, with the names involved.
	Detail string
	// Fix is the SQL that fixes it: statements for an operator to read, and to
	// run one by one outside a transaction. It is empty when SQL alone does not
	// fix it, and when it is for the owner of the table to decide. No statement
	// drops an index that the SDK did not build, unless a failed build left it.
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
