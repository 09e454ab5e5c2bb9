package adopt

import (
	"cmp"

	"github.com/assignment-go/assignment"
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
	// KindNullKeys: rows whose ID or key has a NULL, which no index guards.
	KindNullKeys Kind = "null_keys"
	// KindNullStatus: rows whose status is NULL, which no index guards.
	KindNullStatus Kind = "null_status"
	// KindUnknownStatus: a status that the lifecycle does not know. It holds its
	// slot.
	KindUnknownStatus Kind = "unknown_status"
	// KindCoarser: a unique index of the table tells rows apart that are one slot
	// to the mapping, so that good rows may look like duplicates.
	KindCoarser Kind = "coarser_than_index"
	// KindPooler: a transaction pooler stands between here and the server, through
	// which no index can be built safely.
	KindPooler Kind = "transaction_pooler"
	// KindNotOwner: the role can't make the changes that are needed, since it
	// does not own the table.
	KindNotOwner Kind = "not_owner"
	// KindPrivilege: the role lacks a right that a store needs.
	KindPrivilege Kind = "privilege_missing"
)

// Remedy is who mends a finding. Findings are ordered by it.
type Remedy string

// The remedies in the order in which they are to be applied.
const (
	// ByOperator: somebody has to decide, or to run the SQL.
	ByOperator Remedy = "operator"
	// ByRepair: [Repair] mends it.
	ByRepair Remedy = "repair"
	// ByGuard: [Guard] mends it.
	ByGuard Remedy = "guard"
)

// Finding is one thing that stands between the table and its guarantee.
type Finding struct {
	// Kind classifies it.
	Kind Kind `json:"kind"`
	// Remedy says which step mends it.
	Remedy Remedy `json:"remedy"`
	// Detail says in words what was found.
	Detail string `json:"detail"`
	// Command is the command line that mends it, without the flags that name
	// database and table.
	Command string `json:"command,omitempty"`
	// SQL mends it by hand: statements to read, and to run one by one outside a
	// transaction.
	SQL []string `json:"sql,omitempty"`

	// problem is what it is to a store; empty when the kind says it.
	problem assignment.GuardProblem
}

// guardFinding is the finding as a store reports it.
func (f Finding) guardFinding() assignment.GuardFinding {
	return assignment.GuardFinding{Problem: cmp.Or(f.problem, assignment.GuardProblem(f.Kind)), Detail: f.Detail, Fix: f.SQL}
}

// StatusCount is a status that the table holds.
type StatusCount struct {
	// Status is the value; nil is NULL.
	Status *assignment.Status `json:"status"`
	// Rows is how many have it.
	Rows int64 `json:"rows"`
	// Known reports whether the lifecycle names it.
	Known bool `json:"known"`
	// Terminal reports whether it frees the slot.
	Terminal bool `json:"terminal"`
}

// Report is the state of a table, as one moment showed it. The guard is looked
// at a moment later.
type Report struct {
	// Table is the table, as configured.
	Table string `json:"table"`
	// Findings are ordered by the step that mends them. None means that a store
	// can be opened on the table, and nothing evades it.
	Findings []Finding `json:"findings"`
	// Warnings have a consequence that the owner should know, and stand in
	// nobody's way.
	Warnings []Finding `json:"warnings,omitempty"`
	// Guard is the index that keeps the guarantee; nil when there is none.
	Guard *schema.Guard `json:"guard"`
	// Statuses are those present, the most frequent first.
	Statuses []StatusCount `json:"statuses"`
	// DuplicateGroups is the number of slots that are held more than once.
	DuplicateGroups int `json:"duplicate_groups"`
	// DuplicateRows is the number of rows in them.
	DuplicateRows int `json:"duplicate_rows"`
	// Sample shows the first of them, as many as Options.Sample.
	Sample []Group `json:"sample,omitempty"`
}

// OK reports whether there are no findings.
func (r Report) OK() bool { return len(r.Findings) == 0 }

// Has reports whether one of the findings is of the kind. A
// [assignment.GuardProblem] is passed as Kind(problem).
func (r Report) Has(kind Kind) bool {
	for _, f := range r.Findings {
		if f.Kind == kind {
			return true
		}
	}
	return false
}
