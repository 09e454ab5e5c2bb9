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
	// longTimeout is the timeout of most calls.
	longTimeout = 3 * time.Second
	// shortTimeout bounds the timeout of the others, which often expires.
	shortTimeout = 40 * time.Millisecond
	// shortShare is the share of calls with a short timeout.
	shortShare = 0.2
	// maxRepeats bounds how often a caller repeats a call of unknown outcome.
	maxRepeats = 4
)

// caller makes one call after the other. It has its own pool and proxy, so that
// a fault can be attributed to its call.
type caller struct {
	name        string
	ledger      *Ledger
	seen        *seenRows
	clock       *clock
	stamp       time.Time
	service     *assignment.Service
	handle      *handle
	proxy       *faultproxy.Proxy
	countFaults func(faultproxy.Stats) int64
	mix         []Op
	driver      Driver
	// isolations and unguarded are those of the scenario.
	isolations []sql.IsolationLevel
	unguarded  bool
	serial     int
	// serviceID is the ID that the service makes for the next call; empty when
	// the call brings its own.
	serviceID assignment.ID
}

// reply is what a call returned.
type reply struct {
	rows  []assignment.Assignment
	class Class
	err   error
}

// step makes one call, and in half of the cases repeats it when its outcome is
// unknown.
func (c *caller) step(ctx context.Context) {
	op, key := c.mix[rand.N(len(c.mix))], c.seen.anyKey()
	id, ok := c.chooseID(op, key)
	if !ok {
		return
	}
	class := c.firstCall(ctx, op, key, id)
	if class != Unknown || rand.N(2) == 0 {
		return
	}
	for range maxRepeats {
		if class = c.call(ctx, op, key, id); class != Unknown {
			return
		}
	}
}

// firstCall is the first call of a step. In half of the cases the service makes
// the ID.
func (c *caller) firstCall(ctx context.Context, op Op, key assignment.Key, id assignment.ID) Class {
	if rand.N(2) == 0 {
		c.serviceID = id
		defer func() { c.serviceID = "" }()
	}
	return c.call(ctx, op, key, id)
}

// chooseID returns the ID to change, or a new one to create. It returns false
// when there is no row to change.
func (c *caller) chooseID(op Op, key assignment.Key) (assignment.ID, bool) {
	switch op {
	case OpComplete:
		return c.seen.toComplete(key)
	case OpReopen:
		return c.seen.toReopen(key)
	default:
		c.serial++
		return assignment.ID(fmt.Sprintf("%s-%d", c.name, c.serial)), true
	}
}

// call makes a call, records it and checks what can be checked at once.
func (c *caller) call(ctx context.Context, op Op, key assignment.Key, id assignment.ID) Class {
	ctx, cancel := context.WithTimeout(ctx, timeout())
	defer cancel()
	c.stamp = c.clock.next()
	before := c.countFaults(c.proxy.Stats())
	got := c.do(ctx, op, key, id)
	entry := Call{
		Op: op, Key: key, ID: id, Stamp: c.stamp, Class: got.class, Seen: got.rows,
		Faulted: c.countFaults(c.proxy.Stats()) > before,
	}
	if got.err != nil {
		entry.Err = got.err.Error()
		c.recordError(ctx, &entry, got.err)
	}
	c.checkHolder(entry)
	c.ledger.Add(entry)
	for _, row := range entry.Seen {
		c.seen.add(row)
	}
	return entry.Class
}

// classify is the function of that name, for a caller that may get ErrUnguarded
// in a scenario in which the guard may be missing.
func (c *caller) classify(ctx context.Context, err error) (Class, string) {
	if c.unguarded && errors.Is(err, assignment.ErrUnguarded) && !errors.Is(err, assignment.ErrUnknownOutcome) {
		return Unguarded, ""
	}
	return classify(ctx, err)
}

// recordError classifies an error and takes the holder's row from it.
func (c *caller) recordError(ctx context.Context, entry *Call, err error) {
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

// checkHolder checks I3, and that the reported holder holds the slot of the call.
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
		c.ledger.Violatef("I3: a conflict with the row of the call itself: %s", entry)
	}
	if holder.Key != entry.Key || holder.Status != assignment.StatusPending {
		c.ledger.Violatef("I3: the reported holder holds another slot, or none (%+v): %s", holder, entry)
	}
}

func (c *caller) do(ctx context.Context, op Op, key assignment.Key, id assignment.ID) reply {
	p := assignment.CreateParams{ID: id, Key: key, AssignedBy: c.name}
	if c.serviceID != "" {
		p.ID = "" // the service makes it
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

// create recognises a replay by the row: its CreatedAt is the stamp of another
// call.
func (c *caller) create(ctx context.Context, p assignment.CreateParams) reply {
	a, err := c.service.Create(ctx, p)
	if err != nil {
		return reply{err: err}
	}
	class := Created
	if !a.CreatedAt.Equal(c.stamp) {
		class = Replayed
	}
	return reply{rows: []assignment.Assignment{a}, class: class}
}

// createTx creates inside a transaction of the host. A failed COMMIT leaves the
// outcome unknown; the host resolves it by the same call again.
func (c *caller) createTx(ctx context.Context, p assignment.CreateParams) reply {
	var got reply
	level := c.isolations[rand.N(len(c.isolations))]
	err := c.handle.inTx(ctx, level, func(store assignment.Store) error {
		r, err := c.service.WithStore(store).Ensure(ctx, p)
		got = result(r, err)
		return err
	})
	if _, lost := errors.AsType[*commitError](err); lost {
		return reply{class: Unknown, err: fmt.Errorf("%w: %w", assignment.ErrUnknownOutcome, err)}
	}
	if _, failed := errors.AsType[*beginError](err); failed {
		return reply{class: Unavailable, err: fmt.Errorf("%w: %w", assignment.ErrUnavailable, err)}
	}
	if err != nil {
		return reply{err: err}
	}
	return got
}

func result(r assignment.Result, err error) reply {
	if err != nil {
		return reply{err: err}
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
	return reply{rows: rows, class: classes[r.Outcome]}
}

func changed(a assignment.Assignment, err error) reply {
	if err != nil {
		return reply{err: err}
	}
	return reply{rows: []assignment.Assignment{a}, class: Changed}
}

func timeout() time.Duration {
	if rand.Float64() < shortShare {
		return rand.N(shortTimeout)
	}
	return longTimeout
}
