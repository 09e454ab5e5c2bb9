package engine

import (
	"context"

	"github.com/assignment-go/assignment"
)

// looks are the calls that look for the holders of supposedly taken slots.
type looks = rush[assignment.Key, map[assignment.Key]*Row]

// lookAtMany renders the look for the holders of many slots.
func (r renderer) lookAtMany() string {
	return r.selectRowsFrom(`(
  SELECT ` + list(r.kept(), "holder.") + ` FROM unnest($1::text[], $2::text[]) AS asked (c1, c2) JOIN ` + r.table + ` AS holder
  ON holder.` + r.assignee.quoted() + ` = ` + r.assignee.match("asked.c1") +
		` AND holder.` + r.subject.quoted() + ` = ` + r.subject.match("asked.c2") + `
    AND holder.` + r.active + `
)`)
}

// holderOf returns who holds the slot at some moment during the call, or
// ErrNotFound.
func (e *Engine) holderOf(ctx context.Context, p *plan, in *input) (assignment.Assignment, error) {
	if e.db.Unshared() {
		return e.one(ctx, p.findActive, in)
	}
	own, lead := e.looks.join(in.row.Key)
	if own == nil {
		defer e.looks.leave()
		return e.one(ctx, p.findActive, in)
	}
	if lead {
		e.looks.lead(ctx, own, func(seal func() []assignment.Key) (holders map[assignment.Key]*Row, err error) {
			err = e.db.Hold(ctx, func(q Querier) error {
				holders, err = lookAtMany(ctx, q, p, seal())
				return err
			})
			return holders, err
		})
	}
	if err := e.looks.wait(ctx, own, in.row.Key); err != nil {
		return assignment.Assignment{}, ctx.Err()
	}
	holder := own.answer[in.row.Key]
	switch {
	case own.err != nil:
		return e.one(ctx, p.findActive, in)
	case holder == nil:
		return assignment.Assignment{}, assignment.ErrNotFound
	default:
		return holder.assignment()
	}
}

func lookAtMany(ctx context.Context, q Querier, p *plan, keys []assignment.Key) (map[assignment.Key]*Row, error) {
	var assignees, subjects array
	asked := make(map[assignment.Key]bool, len(keys))
	for _, k := range keys {
		if !asked[k] {
			asked[k] = true
			assignees.add(k.AssigneeID)
			subjects.add(k.SubjectID)
		}
	}
	rows, err := q.Rows(ctx, p.lookAtMany, assignees.String(), subjects.String())
	holders := make(map[assignment.Key]*Row, len(rows))
	for i := range rows {
		holders[rows[i].key()] = &rows[i]
	}
	return holders, err
}
