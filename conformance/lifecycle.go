package conformance

import "github.com/assignment-go/assignment"

// ReviewLifecycle returns a lifecycle that differs from those of package assignment: it
// has other statuses, a move back between active statuses, a terminal status that can't
// be reopened, and two that can't be reached from every active status. A driver that
// hard-codes statuses fails on it.
func ReviewLifecycle() assignment.Lifecycle {
	l, err := assignment.NewLifecycle(assignment.LifecycleConfig{
		Initial:  "open",
		Terminal: []assignment.Status{"wont do", "Done"},
		Transitions: map[assignment.Status][]assignment.Status{
			"open":      {"in review", "wont do"},
			"in review": {"open", "Done"},
			"Done":      {"open"},
		},
	})
	if err != nil {
		panic(err) // it is constant
	}
	return l
}

// pathTo is the shortest path from the initial status: the statuses to move to, one after
// the other. It is empty for the initial status itself, and nil if there is no path.
func pathTo(l assignment.Lifecycle, to assignment.Status) []assignment.Status {
	paths := map[assignment.Status][]assignment.Status{l.Initial(): {}}
	for queue := []assignment.Status{l.Initial()}; len(queue) > 0; queue = queue[1:] {
		from := queue[0]
		for _, next := range l.Statuses() {
			if _, seen := paths[next]; !seen && l.Allows(from, next) {
				paths[next] = append(append([]assignment.Status{}, paths[from]...), next)
				queue = append(queue, next)
			}
		}
	}
	return paths[to]
}

// reachable lists the statuses that an assignment can have.
func reachable(l assignment.Lifecycle) []assignment.Status {
	return filter(l.Statuses(), func(s assignment.Status) bool { return pathTo(l, s) != nil })
}
