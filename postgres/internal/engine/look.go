package engine

import (
	"context"
	"errors"
	"sync"

	"github.com/assignment-go/assignment"
)

const (
	// maxLooks is how many looks are under way at once before further ones
	// gather. It keeps the server busy and the wait for a turn short.
	maxLooks = 4
	// maxGathered bounds the slots that one statement looks at.
	maxGathered = 256
)

// looks lets calls on one pool that look for the holders of supposedly taken
// slots at the same time share statements: most of what a look costs is sending
// it. Who finds few looks under way goes alone and at once.
type looks struct {
	mu       sync.Mutex
	underWay int
	next     *gathering
}

// gathering is looks that wait for their turn and then are one statement. The
// call that began it leads: it sends the statement for all.
type gathering struct {
	keys map[assignment.Key]bool
	// turn tells the leader to go.
	turn chan struct{}
	// done tells the others that the rest is final.
	done    chan struct{}
	holders map[assignment.Key]*Row
	err     error
}

// errNotLooked tells those who gathered that they have to look on their own.
var errNotLooked = errors.New("the look that was to answer several calls did not happen")

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
	if e.db.ByContext() {
		return e.one(ctx, p.findActive, in)
	}
	own, lead := e.looks.join(in.row.Key)
	if own == nil {
		defer e.looks.leave()
		return e.one(ctx, p.findActive, in)
	}
	if lead {
		e.lead(ctx, p, own)
	}
	select {
	case <-own.done:
	case <-ctx.Done():
		return assignment.Assignment{}, ctx.Err()
	}
	holder := own.holders[in.row.Key]
	switch {
	case own.err != nil:
		return e.one(ctx, p.findActive, in)
	case holder == nil:
		return assignment.Assignment{}, assignment.ErrNotFound
	default:
		return holder.assignment()
	}
}

// join returns nil to who may look alone.
func (l *looks) join(k assignment.Key) (g *gathering, lead bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.underWay < maxLooks || l.next != nil && len(l.next.keys) >= maxGathered {
		l.underWay++
		return nil, false
	}
	if l.next == nil {
		l.next = &gathering{keys: make(map[assignment.Key]bool), turn: make(chan struct{}), done: make(chan struct{})}
		lead = true
	}
	l.next.keys[k] = true
	return l.next, lead
}

// leave gives the turn to those who have gathered meanwhile.
func (l *looks) leave() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.next == nil {
		l.underWay--
		return
	}
	close(l.next.turn)
	l.next = nil
}

// resign reports whether the gathering was dissolved before it got its turn.
func (l *looks) resign(g *gathering) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.next != g {
		return false
	}
	l.next = nil
	return true
}

// lead sends the statement of the gathering when it is its turn.
func (e *Engine) lead(ctx context.Context, p *plan, g *gathering) {
	defer close(g.done)
	g.err = errNotLooked
	select {
	case <-g.turn:
	case <-ctx.Done():
		if e.looks.resign(g) {
			return
		}
	}
	defer e.looks.leave()
	g.holders, g.err = e.lookAtMany(ctx, p, g.keys)
}

func (e *Engine) lookAtMany(ctx context.Context, p *plan, keys map[assignment.Key]bool) (map[assignment.Key]*Row, error) {
	var assignees, subjects array
	for k := range keys {
		assignees.add(k.AssigneeID)
		subjects.add(k.SubjectID)
	}
	rows, err := e.db.Rows(ctx, p.lookAtMany, assignees.String(), subjects.String())
	holders := make(map[assignment.Key]*Row, len(rows))
	for i := range rows {
		holders[rows[i].key()] = &rows[i]
	}
	return holders, err
}
