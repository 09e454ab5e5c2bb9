package adopt

import (
	"time"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/schema"
)

// DefaultAuditTable is where Repair records its changes.
const DefaultAuditTable = "assignment_repairs"

// Options configures all functions of the package. The zero value, and nil,
// mean the defaults.
type Options struct {
	// Table names the table and its columns. Default: schema.DefaultTable with
	// schema.DefaultColumns.
	Table *schema.Table
	// Policy says which statuses free the slot. Default: the zero Policy, which
	// has the default lifecycle.
	Policy assignment.Policy
	// Repair says how duplicates are resolved. Nil means its defaults for Plan
	// and Repair; for Guard it means that duplicates are reported and not
	// repaired.
	Repair *RepairOptions
	// LockTimeout bounds how long a statement waits for a lock that writers queue
	// behind. Default: 250 ms, after which it gives up, lets the writers pass and
	// tries again later.
	LockTimeout time.Duration
	// WaitTimeout bounds the waits that block nobody: for older transactions to
	// end, as a concurrent index build must; for another run of this package on
	// the same table; for an index build of another session. Default: 5 minutes.
	WaitTimeout time.Duration
	// Attempts bounds how often a step that failed for a transient reason, such
	// as a lock timeout or new duplicates, is tried. Default: 20.
	Attempts int
	// CoarserThanIndex says that the mapping is intentionally coarser than a unique
	// index of the table: rows that the index distinguishes, by another of its
	// columns or by one of its predicate, count as duplicates. Default: false;
	// Repair and Guard then reject such a table, in which valid rows would look like
	// duplicates.
	CoarserThanIndex bool
	// Sample is the number of duplicate groups that a Report lists. Default: 10.
	Sample int
	// Progress is called with the progress of long work, from one goroutine at a
	// time. It should return quickly. Default: none.
	Progress func(Progress)
}

// Progress is how far a long phase has come.
type Progress struct {
	// Phase names the work, such as "repair" or "build: scanning table".
	Phase string `json:"phase"`
	// Done and Total count rows, blocks or partitions. Total is 0 when it is
	// not known.
	Done  int64 `json:"done"`
	Total int64 `json:"total"`
}

// RepairOptions configures [Plan], [Repair] and the repairs within [Guard].
type RepairOptions struct {
	// Policy decides which assignment of a group keeps the slot. Default: Oldest.
	Policy Policy
	// RetireTo is the terminal status of the others. Default: cancelled if the
	// lifecycle has it as terminal, else its only terminal status. A table with
	// duplicates needs it when the lifecycle has several others.
	RetireTo assignment.Status
	// NullStatus is given to rows whose status is NULL. Default: they are only
	// reported, and Guard can't finish.
	NullStatus assignment.Status
	// Rewrite maps statuses that the lifecycle does not know to ones that it
	// knows, such as "Completed" to "completed". Default: none; an unknown
	// status stays as it is and holds its slot.
	Rewrite map[assignment.Status]assignment.Status
	// BatchRows is how many rows one transaction locks at most; a larger group
	// is a batch of its own. Default: 200.
	BatchRows int
	// AuditTable is the table, in the schema of the assignments, that gets a row
	// per change. Repair creates it. Default: DefaultAuditTable.
	AuditTable string
}
