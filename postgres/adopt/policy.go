package adopt

import (
	"fmt"
	"slices"
	"time"

	"github.com/assignment-go/assignment"
)

// Row is an assignment as [Repair] sees it.
type Row struct {
	// ID is the value of the ID column as text.
	ID assignment.ID `json:"id"`
	// Status is what counts: the stored one, or what RepairOptions.NullStatus
	// and Rewrite make of it.
	Status assignment.Status `json:"status"`
	// Stored is what the table holds; nil is NULL.
	Stored *assignment.Status `json:"stored"`
	// CreatedAt and UpdatedAt are zero when their column is NULL or not mapped.
	CreatedAt time.Time `json:"created_at,omitzero"`
	// UpdatedAt is as CreatedAt.
	UpdatedAt time.Time `json:"updated_at,omitzero"`
}

// Group is a slot with all the assignments that hold it at once.
type Group struct {
	// Key is the slot.
	Key assignment.Key `json:"key"`
	// Rows are ordered by CreatedAt, then by ID (as a number if it is one).
	Rows []Row `json:"rows"`
}

// Policy decides which assignment of a group of duplicates keeps the slot. The
// zero value is Oldest.
type Policy struct {
	name  string
	timed bool // it means nothing without a time of creation
	bind  func(assignment.Lifecycle) keepFunc
}

// keepFunc returns the index of the row that stays.
type keepFunc func(Group) (int, error)

// String returns the name that the audit table shows.
func (p Policy) String() string { return p.name }

// Oldest keeps the assignment that was created first. It needs the column
// CreatedAt, unless IDs are integers, which are then taken to grow.
func Oldest() Policy {
	return Policy{name: "oldest", timed: true, bind: func(assignment.Lifecycle) keepFunc {
		return func(Group) (int, error) { return 0, nil }
	}}
}

// Newest keeps the assignment that was created last. It needs what Oldest needs.
func Newest() Policy {
	return Policy{name: "newest", timed: true, bind: func(assignment.Lifecycle) keepFunc {
		return func(g Group) (int, error) { return len(g.Rows) - 1, nil }
	}}
}

// MostAdvanced keeps the assignment whose status comes last in the order, and
// of several the oldest; one that had no status before the repair gave it one
// comes after those that had. A status that is not in the order ranks below
// all. Without an order it is derived from the lifecycle: how many moves a
// status is away from the initial one.
func MostAdvanced(order ...assignment.Status) Policy {
	order = slices.Clone(order)
	return Policy{name: "most-advanced", bind: func(l assignment.Lifecycle) keepFunc {
		rank := listedRank(order)
		if len(order) == 0 {
			rank = derivedRank(l)
		}
		return func(g Group) (int, error) {
			best := 0
			for i, row := range g.Rows {
				lead := rank(row.Status) - rank(g.Rows[best].Status)
				if lead > 0 || lead == 0 && row.Stored != nil && g.Rows[best].Stored == nil {
					best = i
				}
			}
			return best, nil
		}
	}}
}

// Keep is a policy of the host's own. The name goes into the audit table. The
// function returns the ID of the row that stays. It is called while the rows
// are locked, possibly several times for a group, so it must be quick; its
// error ends the repair before the batch is written, and is returned as it is.
func Keep(name string, fn func(Group) (assignment.ID, error)) Policy {
	return Policy{name: name, bind: func(assignment.Lifecycle) keepFunc {
		return func(g Group) (int, error) {
			id, err := fn(Group{Key: g.Key, Rows: slices.Clone(g.Rows)})
			if err != nil {
				return 0, &policyError{fmt.Errorf("policy %s on %s: %w", name, g.Key, err)}
			}
			at := slices.IndexFunc(g.Rows, func(r Row) bool { return r.ID == id })
			if at < 0 {
				return 0, invalid("Repair.Policy", fmt.Sprintf("%s kept %q, which is not in the group of %s", name, id, g.Key))
			}
			return at, nil
		}
	}}
}

func listedRank(order []assignment.Status) func(assignment.Status) int {
	return func(s assignment.Status) int { return slices.Index(order, s) }
}

// derivedRank walks the lifecycle from its initial status through those that
// hold the slot. What it does not reach ranks lowest: an unknown status proves
// no progress.
func derivedRank(l assignment.Lifecycle) func(assignment.Status) int {
	rank := map[assignment.Status]int{l.Initial(): 1}
	for queue := []assignment.Status{l.Initial()}; len(queue) > 0; queue = queue[1:] {
		for _, next := range l.Statuses() {
			if rank[next] == 0 && l.Allows(queue[0], next) && !l.IsTerminal(next) {
				rank[next] = rank[queue[0]] + 1
				queue = append(queue, next)
			}
		}
	}
	return func(s assignment.Status) int { return rank[s] }
}
