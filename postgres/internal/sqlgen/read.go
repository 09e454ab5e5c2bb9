package sqlgen

import "github.com/assignment-go/assignment"

func (r renderer) get() Statement {
	b := newBinder()
	return b.statement(r.selectStored(), where(r.hasID(b)))
}

// lock renders the read of a row that leaves it as it is until the transaction
// ends. It must be a statement of its own: an UPDATE in the same one can spin in
// the server when a trigger reads the locked row.
func (r renderer) lock() Statement {
	b := newBinder()
	return b.statement(r.selectStored(), where(r.hasID(b)), text{"FOR UPDATE"})
}

func (r renderer) findActive() Statement {
	b := newBinder()
	// the guard allows no more; with the limit the server does not search for them
	return b.statement(r.selectStored(), where(r.holdsSlot(b)...), text{"LIMIT 1"})
}

// GetMany reads the rows with these IDs.
func (s *Statements) GetMany(ids []assignment.ID) Bound {
	var list array
	for _, id := range ids {
		list.add(string(id))
	}
	return Bound{SQL: s.getMany, Args: []any{list.String()}}
}

func (r renderer) getMany() text {
	return stacked(r.selectStored(), text{
		"WHERE " + r.id.quoted() + " IN (",
		"  SELECT " + r.id.match("requested.id"),
		"  FROM unnest($1::text[]) AS requested (id)",
		")",
	})
}
