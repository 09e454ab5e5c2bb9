package faults

import (
	"strings"
	"testing"
	"time"

	"github.com/assignment-go/assignment"
)

// TestVerify shows that verify finds a violation of each rule.
func TestVerify(t *testing.T) {
	key := assignment.Key{AssigneeID: "ana", SubjectID: "intake"}
	at := func(n int64) time.Time { return time.UnixMicro(n).UTC() }
	call := func(id string, stamp int64, class Class) Call {
		return Call{Op: OpCreate, ID: assignment.ID(id), Key: key, Stamp: at(stamp), Class: class}
	}
	row := func(id string, version, stamp int64, status assignment.Status) state {
		return state{ID: assignment.ID(id), Key: key, Status: status, Version: version, UpdatedAt: at(stamp)}
	}
	const active, closed = assignment.StatusPending, assignment.StatusCompleted

	for name, test := range map[string]struct {
		calls         []Call
		history, rows []state
		want          string
	}{
		"no violation": {
			calls:   []Call{call("a", 1, Created), call("a", 2, Changed), call("b", 3, Unknown), call("c", 4, Conflict)},
			history: []state{row("a", 1, 1, active), row("a", 2, 2, closed), row("b", 1, 3, active)},
			rows:    []state{row("a", 2, 2, closed), row("b", 1, 3, active)},
		},
		"two active rows": {
			calls: []Call{call("a", 1, Created), call("b", 2, Created)},
			rows:  []state{row("a", 1, 1, active), row("b", 1, 2, active)},
			want:  "I1",
		},
		"two active rows in the past": {
			calls:   []Call{call("a", 1, Created), call("b", 2, Created), call("a", 3, Changed)},
			history: []state{row("a", 1, 1, active), row("b", 1, 2, active), row("a", 2, 3, closed)},
			want:    "I1",
		},
		"created twice": {
			calls: []Call{call("a", 1, Created), call("a", 2, Created)},
			want:  "I2",
		},
		"active row that no call reported": {
			calls: []Call{call("a", 1, Conflict)},
			rows:  []state{row("a", 1, 1, active)},
			want:  "I2",
		},
		"reported row that does not exist": {
			calls: []Call{{Op: OpCreate, Class: Created, Seen: []assignment.Assignment{{ID: "a", Version: 1}}}},
			want:  "I4",
		},
		"failed call that wrote": {
			calls:   []Call{call("a", 1, Unavailable)},
			history: []state{row("a", 1, 1, closed)},
			want:    "I5",
		},
		"row that no call wrote": {
			history: []state{row("a", 1, 1, closed)},
			want:    "I5",
		},
	} {
		t.Run(name, func(t *testing.T) {
			found := verify(&Ledger{calls: test.calls}, test.history, test.rows)
			if test.want == "" && len(found) > 0 {
				t.Errorf("got %q, want nothing", found)
			}
			if test.want != "" && (len(found) != 1 || !strings.HasPrefix(found[0], test.want)) {
				t.Errorf("got %q, want one violation of %s", found, test.want)
			}
		})
	}
}
