package adopt

import (
	"fmt"

	"github.com/assignment-go/assignment/postgres/internal/guard"
	"github.com/assignment-go/assignment/postgres/internal/sqltext"
	"github.com/assignment-go/assignment/postgres/schema"
)

// Step is one action of [Guard].
type Step struct {
	// Action says what is done, in words.
	Action string `json:"action"`
	// SQL are the statements, run in one transaction when there are several.
	// There are none when the step is to wait, or to repair.
	SQL []string `json:"sql,omitempty"`
	// Locks says whom the step blocks, and for how long.
	Locks string `json:"locks"`
	// Optional steps only tidy up: the table is as good without them.
	Optional bool `json:"optional,omitempty"`

	// brief steps take a lock that writers queue behind, so they wait for it no
	// longer than LockTimeout.
	brief  bool
	repair bool // is a repair, not SQL
	wait   bool // is to wait for others, and to plan anew then
	// cleanup steps undo what another run left. They run even when the rest can't
	// be finished.
	cleanup bool
	// builds is the index that the step builds, on the table or partition in.
	builds string
	in     schema.Table
}

const (
	locksNobody    = "nobody: writers continue; waits for older transactions to end"
	locksBrief     = "writers and readers of the table, for milliseconds; waits for its lock no longer than the lock timeout"
	locksPartition = "writers and readers of the partition, for milliseconds; waits for its lock no longer than the lock timeout"
	locksWrites    = "writers of the table, for milliseconds; waits for its lock no longer than the lock timeout"
	locksRows      = "writers of the rows of a batch, for milliseconds"
)

func waitStep(why string) Step {
	return Step{Action: "wait: " + why, Locks: "nobody", wait: true}
}

func repairStep(what string) Step {
	return Step{Action: "repair: " + what, Locks: locksRows, repair: true}
}

// create builds the guard of a plain table or of a single partition.
func (s *settings) create(t schema.Table, name string) Step {
	return Step{
		Action: "build the guard " + name, Locks: locksNobody, builds: name, in: t,
		SQL: []string{guard.NamedSQL(name, t, s.lifecycle)},
	}
}

// createOnly declares the guard of a partitioned table, which becomes valid when
// each partition has attached its own.
func (s *settings) createOnly(t schema.Table, name string) Step {
	c := s.table.Columns
	return Step{
		Action: "declare the guard " + name + " on the partitioned table", Locks: locksWrites, brief: true,
		SQL: []string{fmt.Sprintf("CREATE UNIQUE INDEX %s ON ONLY %s (%s) WHERE %s", sqltext.Quote(name), t,
			sqltext.Columns(c.AssigneeID, c.SubjectID), sqltext.Active(c.Status, s.lifecycle))},
	}
}

func attach(parent, child string) Step {
	return Step{
		Action: "attach the guard of a partition", Locks: locksPartition, brief: true,
		SQL: []string{fmt.Sprintf("ALTER INDEX %s ATTACH PARTITION %s", parent, child)},
	}
}

// drop removes an index that the SDK built, or that its build left. The index of a
// partitioned table can't be dropped concurrently.
func drop(c *guard.Catalog, i guard.Index, why string) Step {
	step := Step{
		Action: fmt.Sprintf("drop index %s: %s", i.Name, why), Locks: locksNobody,
		SQL: []string{"DROP INDEX CONCURRENTLY " + i.String()},
	}
	if c.Partitioned() {
		step.SQL, step.Locks, step.brief = []string{"DROP INDEX " + i.String()}, locksBrief, true
	}
	return step
}

// dropLast drops an index that is no longer needed.
func dropLast(c *guard.Catalog, i guard.Index, why string) Step {
	step := drop(c, i, why)
	step.Optional = true
	return step
}
