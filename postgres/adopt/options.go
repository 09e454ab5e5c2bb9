package adopt

import (
	"fmt"
	"slices"
	"time"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/guard"
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
	// Policy tells which statuses free the slot. Default: the zero Policy, which
	// has the default lifecycle.
	Policy assignment.Policy
	// Repair says how duplicates are resolved. Nil means its defaults for Plan
	// and Repair; for Guard it means that duplicates are reported and not
	// repaired.
	Repair *RepairOptions
	// LockTimeout bounds how long a statement waits for a lock whose queue
	// writers stand in. Default: 250 ms, after which it steps back, lets them
	// pass and tries again.
	LockTimeout time.Duration
	// WaitTimeout bounds the waits that stand in nobody's way: for older
	// transactions to end, as a concurrent index build must; for another run of
	// this package on the same table; for an index build of another session.
	// Default: 5 minutes.
	WaitTimeout time.Duration
	// Attempts bounds how often a step that failed for a passing reason, such
	// as a lock timeout or new duplicates, is tried again. Default: 20.
	Attempts int
	// CoarserThanIndex says that the mapping is coarser than a unique index of the
	// table on purpose: rows that the index tells apart, by a further column of
	// it or of its condition, count as duplicates. Default: false; Repair and Guard
	// then refuse such a table, since good rows would look like duplicates.
	CoarserThanIndex bool
	// Sample is the number of duplicate groups that a Report lists. Default: 10.
	Sample int
	// Progress is told how far long work is. It is called from one goroutine at
	// a time and should return quickly. Default: nobody is told.
	Progress func(Progress)
}

// Progress is where a long phase stands.
type Progress struct {
	// Phase names the work, such as "repair" or "building index: scanning table".
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
	// NullStatus is given to rows whose status is NULL. Default: they are
	// reported only, and Guard can't finish.
	NullStatus assignment.Status
	// Rewrite maps statuses that the lifecycle does not know to some that it
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

// settings are options with nothing left to default.
type settings struct {
	Options
	table     schema.Table
	lifecycle assignment.Lifecycle
	repair    RepairOptions
	keep      keepFunc
}

func (o *Options) settle() (*settings, error) {
	s := &settings{}
	if o != nil {
		s.Options = *o
	}
	var err error
	if s.table, err = guard.Configured(s.Table); err != nil {
		return nil, err
	}
	s.lifecycle = s.Policy.Lifecycle
	if s.Repair != nil {
		s.repair = *s.Repair
	}
	if err := s.settleRepair(); err != nil {
		return nil, err
	}
	if err := s.settleBounds(); err != nil {
		return nil, err
	}
	return s, nil
}

func (s *settings) settleBounds() error {
	for _, d := range []struct {
		field  string
		value  *time.Duration
		preset time.Duration
	}{{"LockTimeout", &s.LockTimeout, 250 * time.Millisecond}, {"WaitTimeout", &s.WaitTimeout, 5 * time.Minute}} {
		if *d.value == 0 {
			*d.value = d.preset
		}
		if *d.value < time.Millisecond {
			return invalid(d.field, "is shorter than a millisecond")
		}
	}
	for _, n := range []struct {
		field  string
		value  *int
		preset int
	}{{"Attempts", &s.Attempts, 20}, {"Sample", &s.Sample, 10}, {"Repair.BatchRows", &s.repair.BatchRows, 200}} {
		if *n.value == 0 {
			*n.value = n.preset
		}
		if *n.value < 0 {
			return invalid(n.field, "is negative")
		}
	}
	return nil
}

func (s *settings) settleRepair() error {
	r := &s.repair
	if r.AuditTable == "" {
		r.AuditTable = DefaultAuditTable
	}
	if _, err := guard.Configured(&schema.Table{Name: r.AuditTable}); err != nil || r.AuditTable == s.table.Name {
		return invalid("Repair.AuditTable", "is no name for a table of its own")
	}
	if err := s.settleRetireTo(); err != nil {
		return err
	}
	if r.NullStatus != "" && !s.lifecycle.Knows(r.NullStatus) {
		return invalid("Repair.NullStatus", fmt.Sprintf("%q is not a status of the lifecycle", r.NullStatus))
	}
	for from, to := range r.Rewrite {
		if s.lifecycle.Knows(from) {
			return invalid("Repair.Rewrite", fmt.Sprintf("%q is a status of the lifecycle and stays what it is", from))
		}
		if !s.lifecycle.Knows(to) {
			return invalid("Repair.Rewrite", fmt.Sprintf("%q, for %q, is not a status of the lifecycle", to, from))
		}
	}
	if r.Policy.bind == nil {
		r.Policy = Oldest()
	}
	s.keep = r.Policy.bind(s.lifecycle)
	return nil
}

func (s *settings) settleRetireTo() error {
	r := &s.repair
	switch {
	case r.RetireTo != "":
	case s.lifecycle.IsTerminal(assignment.StatusCancelled):
		r.RetireTo = assignment.StatusCancelled
	case len(s.lifecycle.Terminal()) == 1:
		r.RetireTo = s.lifecycle.Terminal()[0]
	default:
		return nil // who has duplicates has to choose
	}
	if !slices.Contains(s.lifecycle.Terminal(), r.RetireTo) {
		return invalid("Repair.RetireTo", fmt.Sprintf("%q is not a terminal status; those are %q", r.RetireTo, s.lifecycle.Terminal()))
	}
	return nil
}

// undecided returns what a repair needs to know and the options do not say. It
// is asked only once there is something to repair.
func (s *settings) undecided(t *table) error {
	if s.repair.RetireTo == "" {
		return invalid("Repair.RetireTo", fmt.Sprintf("is required, one of %q", s.lifecycle.Terminal()))
	}
	if s.repair.Policy.timed && !s.ordered(t) {
		return invalid("Repair.Policy", s.repair.Policy.name+
			" needs Table.Columns.CreatedAt, since the IDs are no integers; map it, or take MostAdvanced")
	}
	return nil
}

func (s *settings) report(p Progress) {
	if s.Progress != nil {
		s.Progress(p)
	}
}

func invalid(field, reason string) error {
	return &assignment.InvalidError{Field: field, Reason: reason}
}
