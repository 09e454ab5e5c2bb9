package adopt

import (
	"fmt"

	"github.com/assignment-go/assignment"
)

// decide returns the changes of one group: the rows that are retired, and those
// whose status is only rewritten. The former are changed first, because a slot must
// be free before another row takes it.
func (r reader) decide(g Group) (retired, rewritten []Change, err error) {
	winner, err := r.winner(g)
	if err != nil {
		return nil, nil, err
	}
	for _, row := range g.Rows {
		c := Change{ID: row.ID, Key: g.Key, OldStatus: row.Stored, NewStatus: row.Status, Reason: reasonRewrite}
		switch {
		case winner != "" && row.ID != winner && !r.lifecycle.IsTerminal(row.Status):
			c.NewStatus, c.KeptID, c.Reason = r.repair.RetireTo, winner, r.repair.Policy.name
			retired = append(retired, c)
		case row.Stored == nil || *row.Stored != row.Status:
			rewritten = append(rewritten, c)
		}
	}
	return retired, rewritten, nil
}

// winner returns the row that keeps the slot, and the empty ID when no other row
// holds it.
func (r reader) winner(g Group) (assignment.ID, error) {
	holders := Group{Key: g.Key}
	for _, row := range g.Rows {
		if !r.lifecycle.IsTerminal(row.Status) {
			holders.Rows = append(holders.Rows, row)
		}
	}
	if len(holders.Rows) < 2 {
		return "", nil
	}
	if err := r.requireOptions(r.t); err != nil {
		return "", err
	}
	if err := r.rejectUnknown(holders); err != nil {
		return "", err
	}
	at, err := r.keep(holders)
	if err != nil {
		return "", err
	}
	return holders.Rows[at].ID, nil
}

// rejectUnknown rejects a group in which a row has a status that the lifecycle does
// not know. To be safe such a row holds its slot, but it may well be done: retiring
// the others in its favour would end active assignments.
func (r reader) rejectUnknown(holders Group) error {
	for _, row := range holders.Rows {
		if !r.lifecycle.Knows(row.Status) {
			return invalid("Repair.Rewrite", fmt.Sprintf("has no entry for the status %q of %s, which competes for the slot of %s: "+
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
