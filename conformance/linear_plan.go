package conformance

import (
	"fmt"
	"hash/crc32"

	"github.com/assignment-go/assignment"
)

// The size of a round: small enough to be checked quickly and to be readable when it fails,
// with as many calls on the same few rows as that allows.
const (
	linearClients  = 5
	linearCalls    = 6
	linearSubjects = 2
	linearRequests = 4
)

// planned is one call of one client.
type planned struct {
	op operation
	// slot is the index of the subject; no call is about two subjects.
	slot int
	// cancelAfter is after how many checks of its context the call is cancelled, cancelIn
	// after which fraction of the usual time; zero when it is not.
	cancelAfter int
	cancelIn    float64
}

// planner chooses the calls of a round at random before it begins, so that a seed repeats
// them whatever the schedule.
type planner struct {
	*probe
	slots   []planSlot
	cancels bool
}

// planSlot is a subject with two assignees, and the requests that clients repeat on it.
// Reassign moves a row between the two keys, and the subject of an ID never changes, so that
// subjects can be checked independently.
type planSlot struct {
	keys      []assignment.Key
	requests  []assignment.Assignment
	cancelled int
}

// maxCancelled bounds the cancelled calls of a subject: each unknown outcome doubles the
// number of possible histories.
const maxCancelled = 2

func (p *probe) plan(cancels bool) [][]planned {
	pl := &planner{probe: p, cancels: cancels}
	for range linearSubjects {
		pl.slots = append(pl.slots, pl.slot())
	}
	plan := make([][]planned, linearClients)
	for range linearCalls {
		for client := range plan {
			plan[client] = append(plan[client], pl.draw())
		}
	}
	return plan
}

func (pl *planner) slot() planSlot {
	k, other := pl.newKey(), pl.newKey()
	s := planSlot{keys: []assignment.Key{k, {AssigneeID: other.AssigneeID, SubjectID: k.SubjectID}}}
	for range linearRequests {
		s.requests = append(s.requests, pl.candidate(s.keys[pl.random.IntN(2)]))
	}
	return s
}

func (pl *planner) draw() planned {
	n := pl.random.IntN(len(pl.slots))
	s := &pl.slots[n]
	c := planned{op: pl.operation(*s), slot: n}
	if pl.cancels && c.op.writes() && s.cancelled < maxCancelled && pl.random.IntN(3) == 0 {
		s.cancelled++
		if pl.random.IntN(2) == 0 {
			c.cancelAfter = 1 + pl.random.IntN(6)
		} else {
			c.cancelIn = 1.5 * pl.random.Float64()
		}
	}
	return c
}

func (pl *planner) operation(s planSlot) operation {
	switch n := pl.random.IntN(20); {
	case n < 5:
		return operation{name: "Create", next: pl.request(s)}
	case n < 7 && pl.has(AbilityReplace):
		to := pl.lifecycle.Terminal()[pl.random.IntN(len(pl.lifecycle.Terminal()))]
		return operation{name: "Replace", next: pl.request(s), retireTo: to}
	case n < 9 && pl.has(AbilityReassign):
		return operation{name: "Update", id: pl.id(s), change: pl.change(assignment.Change{AssigneeID: pl.key(s).AssigneeID})}
	case n < 13:
		statuses := pl.lifecycle.Statuses()
		return operation{name: "Update", id: pl.id(s), change: pl.change(assignment.Change{To: statuses[pl.random.IntN(len(statuses))]})}
	case n < 15:
		return operation{name: "Get", id: pl.id(s)}
	default:
		return pl.lookup(s)
	}
}

// lookup reads by key.
func (pl *planner) lookup(s planSlot) operation {
	k := pl.key(s)
	q := assignment.Query{AssigneeID: k.AssigneeID, SubjectID: k.SubjectID, ActiveOnly: pl.random.IntN(2) == 0, Limit: 100}
	switch pl.random.IntN(3) {
	case 0:
		return operation{name: "FindActive", query: q}
	case 1:
		if pl.random.IntN(2) == 0 {
			q.AssigneeID = "" // both keys at one moment
		}
		return operation{name: "List", query: q}
	default:
		return operation{name: "Count", query: q}
	}
}

// request is one of the requests with a new time, and sometimes with another assignee, so
// that its ID is reused.
func (pl *planner) request(s planSlot) assignment.Assignment {
	a := s.requests[pl.random.IntN(len(s.requests))].Clone()
	a.CreatedAt = pl.clock.tick()
	a.UpdatedAt = a.CreatedAt
	if pl.random.IntN(8) == 0 {
		a.Key = pl.key(s)
		if a.Request != "" {
			// of the same length, since the column of the driver may have no room for more
			a.Request = fmt.Sprintf("%08x", crc32.ChecksumIEEE([]byte(a.Key.AssigneeID))) + a.Request[8:]
		}
	}
	return a
}

func (pl *planner) change(c assignment.Change) assignment.Change {
	c.At = pl.clock.tick()
	if pl.has(AbilityIfVersion) && pl.random.IntN(4) == 0 {
		c.IfVersion = 1 + pl.random.Int64N(3)
	}
	return c
}

func (pl *planner) id(s planSlot) assignment.ID {
	return s.requests[pl.random.IntN(len(s.requests))].ID
}

func (pl *planner) key(s planSlot) assignment.Key { return s.keys[pl.random.IntN(len(s.keys))] }
