package adopt

import (
	"fmt"
	"slices"
	"time"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/guard"
	"github.com/assignment-go/assignment/postgres/schema"
)

// settings are valid options with every default filled in.
type settings struct {
	Options
	table     schema.Table
	lifecycle assignment.Lifecycle
	repair    RepairOptions
	keep      keepFunc
}

func (o *Options) resolve() (*settings, error) {
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
	for _, resolve := range []func() error{s.resolveRepair, s.resolveRetireTo, s.resolveLimits} {
		if err := resolve(); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func (s *settings) resolveLimits() error {
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

func (s *settings) resolveRepair() error {
	r := &s.repair
	if r.AuditTable == "" {
		r.AuditTable = DefaultAuditTable
	}
	if _, err := guard.Configured(&schema.Table{Name: r.AuditTable}); err != nil || r.AuditTable == s.table.Name {
		return invalid("Repair.AuditTable", "is not a name for a separate table")
	}
	if r.NullStatus != "" && !s.lifecycle.Knows(r.NullStatus) {
		return invalid("Repair.NullStatus", fmt.Sprintf("%q is not a status of the lifecycle", r.NullStatus))
	}
	for from, to := range r.Rewrite {
		if s.lifecycle.Knows(from) {
			return invalid("Repair.Rewrite", fmt.Sprintf("%q is a status of the lifecycle, and only others are rewritten", from))
		}
		if !s.lifecycle.Knows(to) {
			return invalid("Repair.Rewrite", fmt.Sprintf("%q, which is to replace %q, is not a status of the lifecycle", to, from))
		}
	}
	if r.Policy.bind == nil {
		r.Policy = Oldest()
	}
	s.keep = r.Policy.bind(s.lifecycle)
	return nil
}

func (s *settings) resolveRetireTo() error {
	terminal, retireTo := s.lifecycle.Terminal(), &s.repair.RetireTo
	switch {
	case *retireTo != "" && !slices.Contains(terminal, *retireTo):
		return invalid("Repair.RetireTo", fmt.Sprintf("%q is not a terminal status; those are %q", *retireTo, terminal))
	case *retireTo != "":
	case slices.Contains(terminal, assignment.StatusCancelled):
		*retireTo = assignment.StatusCancelled
	case len(terminal) == 1:
		*retireTo = terminal[0]
	}
	return nil // still empty: it is required once there are duplicates
}

// requireOptions returns an error when a repair needs an option that is not set. It
// is asked only once there are duplicates.
func (s *settings) requireOptions(t *table) error {
	if s.repair.RetireTo == "" {
		return invalid("Repair.RetireTo", fmt.Sprintf("is required, one of %q", s.lifecycle.Terminal()))
	}
	if s.repair.Policy.timed && !s.ordered(t) {
		return invalid("Repair.Policy", s.repair.Policy.name+
			" needs Table.Columns.CreatedAt, because the IDs are not integers; map it, or use MostAdvanced")
	}
	return nil
}

// ordered reports whether the columns tell which of two rows is older.
func (s *settings) ordered(t *table) bool {
	c := s.table.Columns
	return c.CreatedAt != "" || t.column(c.ID).PGType.IsInteger()
}

func (s *settings) report(p Progress) {
	if s.Progress != nil {
		s.Progress(p)
	}
}

func (s *settings) unguarded(findings ...assignment.GuardFinding) error {
	return &assignment.GuardError{Table: s.table.String(), Findings: findings}
}

func invalid(field, reason string) error {
	return &assignment.InvalidError{Field: field, Reason: reason}
}
