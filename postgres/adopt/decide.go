package adopt

import (
	"fmt"

	"github.com/assignment-go/assignment"
)

// Change is what [Repair] does to one row.
type Change struct {
	// ID is the row.
	ID assignment.ID `json:"id"`
	// Key is its slot.
	Key assignment.Key `json:"key"`
	// OldStatus is the stored status; nil is NULL.
	OldStatus *assignment.Status `json:"old_status"`
	// NewStatus is the status that it gets.
	NewStatus assignment.Status `json:"new_status"`
	// KeptID is the assignment that keeps the slot; empty when the status was
	// only rewritten.
	KeptID assignment.ID `json:"kept_id,omitempty"`
	// Reason is the policy that decided, or "rewrite".
	Reason string `json:"reason"`
}

// reasonRewrite is the Reason of a change that resolves no duplicate.
const reasonRewrite = "rewrite"

// decide returns the changes of one group. Rows that are retired come first: the
// slot must be free before another row takes it.
func (r reader) decide(g Group) (retired, rewritten []Change, err error) {
	holders := Group{Key: g.Key}
	for _, row := range g.Rows {
		if !r.lifecycle.IsTerminal(row.Status) {
			holders.Rows = append(holders.Rows, row)
		}
	}
	kept := assignment.ID("")
	if len(holders.Rows) > 1 {
		if err := r.undecided(r.t); err != nil {
			return nil, nil, err
		}
		if err := r.understood(holders); err != nil {
			return nil, nil, err
		}
		at, err := r.keep(holders)
		if err != nil {
			return nil, nil, err
		}
		kept = holders.Rows[at].ID
	}
	for _, row := range g.Rows {
		c := Change{ID: row.ID, Key: g.Key, OldStatus: row.Stored, NewStatus: row.Status, Reason: reasonRewrite}
		switch {
		case kept != "" && row.ID != kept && !r.lifecycle.IsTerminal(row.Status):
			c.NewStatus, c.KeptID, c.Reason = r.repair.RetireTo, kept, r.repair.Policy.name
			retired = append(retired, c)
		case row.Stored == nil || *row.Stored != row.Status:
			rewritten = append(rewritten, c)
		}
	}
	return retired, rewritten, nil
}

// understood refuses a group in which a status competes that the lifecycle does
// not know. It holds its slot to be safe, but may well mean that the row is
// done: to retire the others for it would end live assignments.
func (r reader) understood(holders Group) error {
	for _, row := range holders.Rows {
		if !r.lifecycle.Knows(row.Status) {
			return invalid("Repair.Rewrite", fmt.Sprintf("says nothing about the status %q of %s, which competes for the slot of %s: "+
				"name the status that it means, or add it to the lifecycle", row.Status, row.ID, holders.Key))
		}
	}
	return nil
}

// decideAll joins the decisions about many groups.
func (r reader) decideAll(groups []Group) (retired, rewritten []Change, err error) {
	for _, g := range groups {
		a, b, err := r.decide(g)
		if err != nil {
			return nil, nil, err
		}
		retired, rewritten = append(retired, a...), append(rewritten, b...)
	}
	return retired, rewritten, nil
}
