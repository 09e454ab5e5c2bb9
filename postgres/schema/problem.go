package schema

import "github.com/assignment-go/assignment"

// The problems that [assignment.GuardError] and the Warnings of a [Guard] report.
const (
	// GuardNoTable: the table does not exist or can't be seen.
	GuardNoTable assignment.GuardProblem = "table_missing"
	// GuardNotATable: the name is that of a view, a materialized view, a foreign
	// table or anything else that no unique index of this database guards.
	GuardNotATable assignment.GuardProblem = "not_a_table"
	// GuardTemporary: the name leads to a temporary table, which only one session
	// sees and which hides the table that was meant.
	GuardTemporary assignment.GuardProblem = "table_temporary"
	// GuardEncoding: the server or the client encoding is not UTF8. Two programs
	// would then write different bytes for one text, and both get the slot.
	GuardEncoding assignment.GuardProblem = "encoding"
	// GuardInheritance: other tables inherit from the table. Their rows are rows
	// of the table, but no index of it spans them.
	GuardInheritance assignment.GuardProblem = "inheritance"
	// GuardRewriteRule: a rewrite rule puts other statements in the place of those
	// that the store sends.
	GuardRewriteRule assignment.GuardProblem = "rewrite_rule"
	// GuardPartitionKey: the table is partitioned by something else than key
	// columns, so that no unique index on the key can span the partitions.
	GuardPartitionKey assignment.GuardProblem = "partition_key"
	// GuardNoColumn: a mapped column does not exist.
	GuardNoColumn assignment.GuardProblem = "column_missing"
	// GuardColumnType: a mapped column has a type that is not supported for its
	// attribute, an enum lacks a status, or the collation of the ID, a key or the
	// status makes distinct values compare equal.
	GuardColumnType assignment.GuardProblem = "column_type"
	// GuardStatusCheck: a CHECK constraint forbids a status of the lifecycle.
	GuardStatusCheck assignment.GuardProblem = "status_check"
	// GuardColumnRequired: a column that the SDK does not fill accepts no NULL
	// and has no default, so that nothing could be created.
	GuardColumnRequired assignment.GuardProblem = "column_required"
	// GuardNullable: the ID, a key or the status column accepts NULL, which
	// would evade the index.
	GuardNullable assignment.GuardProblem = "column_nullable"
	// GuardNoPrimaryKey: no unique index guards the ID column, so that a retry
	// could create a second row.
	GuardNoPrimaryKey assignment.GuardProblem = "id_not_unique"
	// GuardIDOrigin: the mapping and the ID column disagree on who makes the IDs,
	// the client or the database.
	GuardIDOrigin assignment.GuardProblem = "id_origin"
	// GuardMissing: no index on the key columns.
	GuardMissing assignment.GuardProblem = "index_missing"
	// GuardInvalid: the index exists but is not valid, ready and live, as a
	// failed CREATE INDEX CONCURRENTLY leaves it.
	GuardInvalid assignment.GuardProblem = "index_invalid"
	// GuardNotUnique: the index is not unique.
	GuardNotUnique assignment.GuardProblem = "index_not_unique"
	// GuardOtherColumns: a unique index covers fewer columns than the key. It
	// rejects assignments that the policy allows, which is a warning.
	GuardOtherColumns assignment.GuardProblem = "index_other_columns"
	// GuardOtherComparison: the index compares keys otherwise than byte by byte:
	// by an expression, a collation or an operator class of its own.
	GuardOtherComparison assignment.GuardProblem = "index_other_comparison"
	// GuardDeferrable: a deferrable constraint on the key makes the server reject
	// every insert that names the key as a conflict target.
	GuardDeferrable assignment.GuardProblem = "index_deferrable"
	// GuardFullIndex: the index has no predicate and so forbids history. Beside a
	// guard it is a warning.
	GuardFullIndex assignment.GuardProblem = "index_full"
	// GuardOtherPredicate: the predicate of the index is not that of the
	// lifecycle. Beside a guard it is a warning, and only if the index rejects
	// assignments that the policy allows.
	GuardOtherPredicate assignment.GuardProblem = "index_other_predicate"
	// GuardRests: a warning. The guard is only as good as something beside it,
	// such as a CHECK constraint that makes its predicate equal to the expected.
	GuardRests assignment.GuardProblem = "index_rests_on"
	// GuardUnlogged: a warning. The table is UNLOGGED: a crash of the server
	// empties it, and standbys don't have it.
	GuardUnlogged assignment.GuardProblem = "table_unlogged"
	// GuardDetaching: a warning. A partition is about to be detached; its rows
	// can't be seen through the table any more.
	GuardDetaching assignment.GuardProblem = "partition_detaching"
	// GuardCollationVersion: a warning. An index that guards was built under
	// another version of its collation than the system now has, and may have let
	// duplicates in since.
	GuardCollationVersion assignment.GuardProblem = "collation_version"
	// GuardRowSecurity: a warning. Row-level security hides rows from the role:
	// the guard still counts them, but a conflict can't name its holder.
	GuardRowSecurity assignment.GuardProblem = "row_security"
	// GuardUnverifiable: the check itself was not permitted.
	GuardUnverifiable assignment.GuardProblem = "unverifiable"
)
