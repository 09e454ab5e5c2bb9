package adopt

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/internal/plural"
	"github.com/assignment-go/assignment/postgres/internal/sqltext"
	"github.com/assignment-go/assignment/postgres/schema"
)

// Kind classifies a [Finding]. It is one of the constants below, or an
// [assignment.GuardProblem] such as "index_missing".
type Kind string

// The kinds that the state of the rows and the role add to the problems of the
// guard.
const (
	// KindDuplicates: slots that are held more than once.
	KindDuplicates Kind = "duplicates"
	// KindNullKeys: rows with NULL as ID or in the key, which no index guards.
	KindNullKeys Kind = "null_keys"
	// KindNullStatus: rows with NULL as status, which no index guards.
	KindNullStatus Kind = "null_status"
	// KindUnknownStatus: a status that the lifecycle does not know. It holds its
	// slot.
	KindUnknownStatus Kind = "unknown_status"
	// KindCoarser: a unique index of the table distinguishes rows that are one slot
	// to the mapping, so valid rows may look like duplicates.
	KindCoarser Kind = "coarser_than_index"
	// KindPooler: the pool connects through a transaction pooler, through which no
	// index can be built safely.
	KindPooler Kind = "transaction_pooler"
	// KindNotOwner: the role can't make the changes that are needed, because it
	// does not own the table.
	KindNotOwner Kind = "not_owner"
	// KindPrivilege: the role lacks a right that a store needs.
	KindPrivilege Kind = "privilege_missing"
)

// Remedy says who or what fixes a finding. Findings are ordered by it.
type Remedy string

// The remedies in the order in which they are to be applied.
const (
	// ByOperator: somebody has to decide, or to run the SQL.
	ByOperator Remedy = "operator"
	// ByRepair: [Repair] fixes it.
	ByRepair Remedy = "repair"
	// ByGuard: [Guard] fixes it.
	ByGuard Remedy = "guard"
)

// Finding is one thing that keeps the table from being guarded.
type Finding struct {
	// Kind classifies it.
	Kind Kind `json:"kind"`
	// Remedy says who or what fixes it.
	Remedy Remedy `json:"remedy"`
	// Detail says in words what was found.
	Detail string `json:"detail"`
	// Command is the command line that fixes it, without the flags that name
	// database and table.
	Command string `json:"command,omitempty"`
	// SQL fixes it by hand: statements to read, and to run one by one outside a
	// transaction.
	SQL []string `json:"sql,omitempty"`

	// problem is what it is to a store; empty when the kind says it.
	problem assignment.GuardProblem
}

// guardFinding is the finding as a store reports it.
func (f Finding) guardFinding() assignment.GuardFinding {
	return assignment.GuardFinding{Problem: cmp.Or(f.problem, assignment.GuardProblem(f.Kind)), Detail: f.Detail, Fix: f.SQL}
}

// findingOf adds what fixes a problem of the guard.
func findingOf(f assignment.GuardFinding) Finding {
	found := operatorFinding(f)
	switch f.Problem {
	case schema.GuardMissing, schema.GuardInvalid, schema.GuardNotUnique, schema.GuardFullIndex,
		schema.GuardOtherPredicate, schema.GuardOtherComparison:
		found.Remedy = ByGuard
	case schema.GuardNullable:
		if len(f.Fix) > 0 { // else something depends on the NULLs
			found.Remedy = ByGuard
		}
	}
	if found.Remedy == ByGuard {
		found.Command = "assignment guard -apply"
	}
	return found
}

// operatorFinding is a finding that no function of this package fixes.
func operatorFinding(f assignment.GuardFinding) Finding {
	return Finding{Kind: Kind(f.Problem), Remedy: ByOperator, Detail: f.Detail, SQL: f.Fix}
}

func (r reader) duplicatesFinding(slots, rows int) Finding {
	return Finding{
		Kind: KindDuplicates, Remedy: ByRepair, Command: r.repairCommand(r.t), problem: schema.GuardMissing,
		Detail: fmt.Sprintf("%s held more than once, by %d rows in all; the unique index can't be built before they are repaired",
			plural.Of(slots, "slot is", "slots are"), rows),
	}
}

func (r reader) nullStatus(rows int64) Finding {
	return Finding{
		Kind: KindNullStatus, Remedy: ByRepair, Command: r.nullStatusCommand(r.t), problem: schema.GuardNullable,
		Detail: fmt.Sprintf("%s NULL in the status column %s, which evades the index; set the status that is meant",
			plural.Of(rows, "row has", "rows have"), sqltext.Quote(r.table.Columns.Status)),
	}
}

func (r reader) unknownStatus(s assignment.Status, rows int64) Finding {
	f := Finding{
		Kind: KindUnknownStatus, Remedy: ByRepair, Command: r.rewriteCommand(r.t, s),
		Detail: fmt.Sprintf("%s the status %q, which is not in the lifecycle and therefore holds the slot. "+
			"Add it to the lifecycle, or rewrite it to the status that is meant", plural.Of(rows, "row has", "rows have"), s),
	}
	if f.Command == "" {
		f.Detail += `; no flag can express it, but the member "rewrite_status" of the -config file can`
	}
	return f
}

// nullKeys reports rows that meet the condition, which is for the operator to read.
func (r reader) nullKeys(rows int64, condition string) Finding {
	c := r.table.Columns
	return Finding{
		Kind: KindNullKeys, Remedy: ByOperator, problem: schema.GuardNullable,
		Detail: plural.Of(rows, "row has", "rows have") +
			" NULL as ID or in the key, which evades the index; set a value, or delete the row",
		SQL: []string{fmt.Sprintf("SELECT %s FROM %s WHERE %s;", sqltext.Columns(c.ID, c.AssigneeID, c.SubjectID), r.t.Table, condition)},
	}
}

func missingRight(right string, t schema.Table) Finding {
	return Finding{
		Kind: KindPrivilege, Remedy: ByOperator,
		Detail: fmt.Sprintf("the role may not %s, which a store must", right),
		SQL:    []string{fmt.Sprintf("GRANT %s ON %s TO …;", right, t)},
	}
}

func notOwner() Finding {
	return Finding{
		Kind: KindNotOwner, Remedy: ByOperator,
		Detail: "the role does not own the table, so it can't build the guard; run guard as the owner",
	}
}

// coarser reports a unique index of the host's that distinguishes rows which are
// one slot to the mapping, unless the options say that this is intended. Such rows
// would look like duplicates although they are valid to their owner.
func (t *table) coarser() (f Finding, found bool) {
	finer, found := t.Finer()
	if !found || t.settings.CoarserThanIndex {
		return Finding{}, false
	}
	columns := sqltext.Columns(finer.Distinguishes...)
	return Finding{
		Kind: KindCoarser, Remedy: ByOperator, problem: finer.Problem,
		Detail: strings.Join([]string{
			fmt.Sprintf("unique index %s distinguishes rows by %s that are one slot to the mapping, so valid rows would look like "+
				"duplicates: nothing is retired, built or dropped", sqltext.Quote(finer.Index.Name), columns),
			fmt.Sprintf("Map %s if it is part of the key", columns),
			"Set Options.CoarserThanIndex if your key is meant to replace that of the index",
		}, ". "),
	}, true
}
