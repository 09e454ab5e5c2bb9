package adopt

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/assignment-go/assignment"
)

// Policy decides which assignment of a group of duplicates keeps the slot. The
// zero value is Oldest.
type Policy struct {
	name  string
	timed bool // it needs the time of creation
	bind  func(assignment.Lifecycle) keepFunc
}

// keepFunc returns the index of the row that stays.
type keepFunc func(Group) (int, error)

// String returns the name that the audit table records.
func (p Policy) String() string { return cmp.Or(p.name, "oldest") }

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

// MostAdvanced keeps the assignment whose status comes last in the order, and the
// oldest of several with that status; one that got its status from the repair ranks
// behind those that had one. A status that is not in the order ranks below all
// others. Without an order, statuses rank by how many moves they are away from the
// initial status of the lifecycle.
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

// Keep is a policy of the host's own. The audit table records the name. The function
// returns the ID of the row that stays. It is called while the rows are locked,
// possibly several times for a group, so it must be quick; its error ends the repair
// before the batch is written, and is returned unchanged.
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
// hold the slot. A status that it does not reach ranks lowest: an unknown status
// proves no progress.
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
