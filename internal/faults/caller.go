package faults

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/internal/faultproxy"
)

const (
	// patience is the deadline of a call that does not mind waiting.
	patience = 3 * time.Second
	// impatience bounds the deadline of a call that does.
	impatience = 40 * time.Millisecond
	// impatientShare is the share of such calls.
	impatientShare = 0.2
	// repeats bounds how often a caller asks again after an unknown outcome.
	repeats = 4
)

// caller makes one call after the other. Its pool and its proxy are its own,
// so that a fault can be told to have met its call.
type caller struct {
	name    string
	ledger  *Ledger
	board   *board
	clock   *clock
	stamp   time.Time
	service *assignment.Service
	handle  *handle
	proxy   *faultproxy.Proxy
	disturb func(faultproxy.Stats) int64
	mix     []Op
	driver  Driver
	// isolations and unguarded are those of the scenario.
	isolations []sql.IsolationLevel
	unguarded  bool
	serial     int
	// made is the ID that the service makes next.
	made assignment.ID
}

// answer is what a call gave back.
type answer struct {
	rows  []assignment.Assignment
	class Class
	err   error
}

// step makes one call, and repeats it when its outcome is unknown. Half of
// the callers do not care to know.
func (c *caller) step(ctx context.Context) {
	op, key := c.mix[rand.N(len(c.mix))], c.board.anyKey()
	id, ok := c.subject(op, key)
	if !ok {
		return
	}
	class := c.first(ctx, op, key, id)
	if class != Unknown || rand.N(2) == 0 {
		return
	}
	for range repeats {
		if class = c.call(ctx, op, key, id); class != Unknown {
			return
		}
	}
}

// first is the first call of a step. Half of the hosts leave the ID to the
// service.
func (c *caller) first(ctx context.Context, op Op, key assignment.Key, id assignment.ID) Class {
	if rand.N(2) == 0 {
		c.made = id
		defer func() { c.made = "" }()
	}
	return c.call(ctx, op, key, id)
}

// subject returns the ID that the operation is about.
func (c *caller) subject(op Op, key assignment.Key) (assignment.ID, bool) {
	switch op {
	case OpComplete:
		return c.board.toClose(key)
	case OpReopen:
		return c.board.toReopen(key)
	default:
		c.serial++
		return assignment.ID(fmt.Sprintf("%s-%d", c.name, c.serial)), true
	}
}

// call makes a call, enters it and checks what can be checked at once.
func (c *caller) call(ctx context.Context, op Op, key assignment.Key, id assignment.ID) Class {
	ctx, cancel := context.WithTimeout(ctx, deadline())
	defer cancel()
	c.stamp = c.clock.next()
	before := c.disturb(c.proxy.Stats())
	got := c.do(ctx, op, key, id)
	entry := Call{
		Op: op, Key: key, ID: id, Stamp: c.stamp, Class: got.class, Seen: got.rows,
		Faulted: c.disturb(c.proxy.Stats()) > before,
	}
	if got.err != nil {
		entry.Err = got.err.Error()
		c.judge(ctx, &entry, got.err)
	}
	c.checkHolder(entry)
	c.ledger.Add(entry)
	for _, row := range entry.Seen {
		c.board.saw(row)
	}
	return entry.Class
}

// classify does, for a caller who may be told that the guard is missing only in a
// scenario where it may be.
func (c *caller) classify(ctx context.Context, err error) (Class, string) {
	if c.unguarded && errors.Is(err, assignment.ErrUnguarded) && !errors.Is(err, assignment.ErrUnknownOutcome) {
		return Unguarded, ""
	}
	return classify(ctx, err)
}

// judge classifies an error and takes the holder's row from it.
func (c *caller) judge(ctx context.Context, entry *Call, err error) {
	class, complaint := c.classify(ctx, err)
	if entry.Class == "" {
		entry.Class = class
	}
	if complaint != "" {
		c.ledger.Violatef("%s; in %s", complaint, *entry)
	}
	if conflict, ok := errors.AsType[*assignment.ActiveExistsError](err); ok {
		entry.Seen = append(entry.Seen, conflict.Existing)
	}
}

// checkHolder is I3, and that the holder is one of the slot asked for.
func (c *caller) checkHolder(entry Call) {
	if entry.Class != Conflict && entry.Class != Existing {
		return
	}
	if len(entry.Seen) != 1 {
		c.ledger.Violatef("I3: a conflict without its holder: %s", entry)
		return
	}
	holder := entry.Seen[0]
	if holder.ID == entry.ID {
		c.ledger.Violatef("I3: a conflict with one's own row: %s", entry)
	}
	if holder.Key != entry.Key || holder.Status != assignment.StatusPending {
		c.ledger.Violatef("I3: a holder that holds another slot or none (%+v): %s", holder, entry)
	}
}

func (c *caller) do(ctx context.Context, op Op, key assignment.Key, id assignment.ID) answer {
	p := assignment.CreateParams{ID: id, Key: key, AssignedBy: c.name}
	if c.made != "" {
		p.ID = "" // made is what it will be
	}
	switch op {
	case OpEnsure:
		return result(c.service.Ensure(ctx, p))
	case OpReplace:
		return result(c.service.Replace(ctx, p, assignment.ReplaceParams{RetireTo: assignment.StatusCancelled}))
	case OpCreateTx:
		return c.createTx(ctx, p)
	case OpComplete:
		return changed(c.service.Complete(ctx, id))
	case OpReopen:
		return changed(c.service.Reopen(ctx, id))
	default:
		return c.create(ctx, p)
	}
}

// create tells a replay by the row: its CreatedAt is the stamp of another call.
func (c *caller) create(ctx context.Context, p assignment.CreateParams) answer {
	a, err := c.service.Create(ctx, p)
	if err != nil {
		return answer{err: err}
	}
	class := Created
	if !a.CreatedAt.Equal(c.stamp) {
		class = Replayed
	}
	return answer{rows: []assignment.Assignment{a}, class: class}
}

// createTx creates inside a transaction of the host. What it can't know after
// COMMIT is the host's to settle: by the same call, as after any unknown.
func (c *caller) createTx(ctx context.Context, p assignment.CreateParams) answer {
	var got answer
	level := c.isolations[rand.N(len(c.isolations))]
	err := c.handle.inTx(ctx, level, func(store assignment.Store) error {
		r, err := c.service.WithStore(store).Ensure(ctx, p)
		got = result(r, err)
		return err
	})
	if _, lost := errors.AsType[*commitError](err); lost {
		return answer{class: Unknown, err: fmt.Errorf("%w: %w", assignment.ErrUnknownOutcome, err)}
	}
	if _, idle := errors.AsType[*beginError](err); idle {
		return answer{class: Unavailable, err: fmt.Errorf("%w: %w", assignment.ErrUnavailable, err)}
	}
	if err != nil {
		return answer{err: err}
	}
	return got
}

func result(r assignment.Result, err error) answer {
	if err != nil {
		return answer{err: err}
	}
	rows := []assignment.Assignment{r.Assignment}
	if r.Retired != nil {
		rows = append(rows, *r.Retired)
	}
	classes := map[assignment.Outcome]Class{
		assignment.OutcomeCreated:  Created,
		assignment.OutcomeExisting: Existing,
		assignment.OutcomeReplayed: Replayed,
	}
	return answer{rows: rows, class: classes[r.Outcome]}
}

func changed(a assignment.Assignment, err error) answer {
	if err != nil {
		return answer{err: err}
	}
	return answer{rows: []assignment.Assignment{a}, class: Changed}
}

func deadline() time.Duration {
	if rand.Float64() < impatientShare {
		return rand.N(impatience)
	}
	return patience
}
