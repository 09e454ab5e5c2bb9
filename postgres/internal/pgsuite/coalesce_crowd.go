package pgsuite

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/assignment-go/assignment"
)

// crowd is many creates at once, by a store that found the last slots free.
type crowd struct {
	Coalescing

	t       *testing.T
	host    Host
	service *assignment.Service
	rounds  int
	// ended is how many calls have ended.
	ended atomic.Int64
}

// outcomes are those of the calls of one round.
type outcomes struct {
	created []assignment.Assignment
	errs    []error
}

func (c *crowd) key(round, call int) assignment.Key {
	return assignment.Key{AssigneeID: "crowd " + strconv.Itoa(round), SubjectID: strconv.Itoa(call)}
}

// create calls Create for n new keys at once, each prepared by the caller, after
// enough others that found their slots free.
func (c *crowd) create(ctx context.Context, n int, prepare func(call int, p *assignment.CreateParams)) (wait func() outcomes) {
	c.t.Helper()
	c.seeFree(ctx)
	return c.createAtOnce(ctx, n, prepare)
}

// seeFree finds enough slots free.
func (c *crowd) seeFree(ctx context.Context) {
	c.t.Helper()
	const enough = 70
	c.rounds++
	for i := range enough {
		if _, err := c.service.Create(ctx, newSlot("free "+strconv.Itoa(c.rounds), i)); err != nil {
			c.t.Fatal(err)
		}
	}
}

func (c *crowd) createAtOnce(
	ctx context.Context, n int, prepare func(call int, p *assignment.CreateParams),
) (wait func() outcomes) {
	out := outcomes{make([]assignment.Assignment, n), make([]error, n)}
	var wg sync.WaitGroup
	for i := range n {
		p := assignment.CreateParams{Key: c.key(c.rounds, i)}
		if prepare != nil {
			prepare(i, &p)
		}
		wg.Go(func() {
			defer c.ended.Add(1)
			out.created[i], out.errs[i] = c.service.Create(ctx, p)
		})
	}
	return func() outcomes {
		wg.Wait()
		return out
	}
}

func (c *crowd) wantCreated(wait func() outcomes) {
	c.t.Helper()
	out := wait()
	for i, err := range out.errs {
		if err != nil {
			c.t.Errorf("call %d: %v", i, err)
			continue
		}
		c.wantStored(out.created[i])
	}
}

func (c *crowd) wantStored(a assignment.Assignment) {
	c.t.Helper()
	stored, err := c.service.Get(c.t.Context(), a.ID)
	if err != nil || stored.ID != a.ID || stored.Key != a.Key || stored.Status != a.Status || !stored.CreatedAt.Equal(a.CreatedAt) ||
		stored.Version != a.Version || stored.AssignedBy != a.AssignedBy || stored.AccountID != a.AccountID {
		c.t.Errorf("got %+v, stored is %+v, %v", a, stored, err)
	}
}

// exec runs a statement of the host in a transaction that is committed.
func (c *crowd) exec(statement string) error {
	c.t.Helper()
	tx := mustBegin(c.t, c.host)
	if err := tx.Exec(c.t.Context(), statement); err != nil {
		return errors.Join(err, tx.Rollback(c.t.Context()))
	}
	return tx.Commit(c.t.Context())
}

// transactions checks how many transactions the present round took.
func (c *crowd) transactions(want int) error {
	c.t.Helper()
	return c.exec(fmt.Sprintf(`DO $$ DECLARE n bigint := (SELECT count(DISTINCT xmin::text) FROM assignments WHERE assignee_id = '%s');
BEGIN IF n <> %d THEN RAISE EXCEPTION '%% transactions', n; END IF; END $$`, c.key(c.rounds, 0).AssigneeID, want))
}

// inProgress is how many calls send their own insert before others collect in a batch.
const inProgress = 4

// occupied has as many calls in progress as may be before others collect in a batch.
// They wait for a transaction of the host, and conflict with it when it ends.
func (c *crowd) occupied() (end func()) {
	c.t.Helper()
	tx := mustBegin(c.t, c.host)
	service := c.service.WithStore(tx.Store)
	for i := range inProgress {
		if _, err := service.Create(c.t.Context(), newSlot("occupied", i)); err != nil {
			c.t.Fatal(err)
		}
	}
	c.BeOptimistic()
	waiting := c.createAtOnce(c.t.Context(), inProgress, func(call int, p *assignment.CreateParams) {
		p.Key = newSlot("occupied", call).Key
	})
	c.eventually("the calls that occupy wait", func() bool { return c.exec(waitingFor(inProgress)) == nil })
	return func() {
		c.t.Helper()
		if err := tx.Commit(c.t.Context()); err != nil {
			c.t.Fatal(err)
		}
		for i, err := range waiting().errs {
			if !errors.Is(err, assignment.ErrActiveExists) {
				c.t.Errorf("occupying call %d: %v, want ErrActiveExists", i, err)
			}
		}
	}
}

// waitingFor is a statement that fails unless that many backends wait for a
// transaction that has written to the table.
func waitingFor(n int) string {
	return fmt.Sprintf(`DO $$ BEGIN IF %d <> (
  SELECT count(*) FROM pg_locks WHERE locktype = 'transactionid' AND NOT granted AND pid IN
  (SELECT pid FROM pg_locks WHERE relation = 'assignments'::regclass)
) THEN RAISE EXCEPTION 'not yet'; END IF; END $$`, n)
}

// eventually polls until the condition holds.
func (c *crowd) eventually(what string, holds func() bool) {
	c.t.Helper()
	ticker := time.NewTicker(2 * time.Millisecond)
	defer ticker.Stop()
	for timeout := time.After(time.Minute); !holds(); {
		select {
		case <-ticker.C:
		case <-timeout:
			c.t.Fatalf("timed out waiting until %s", what)
		}
	}
}

func (c *crowd) waiting(n int) {
	c.t.Helper()
	c.eventually(strconv.Itoa(n)+" calls are waiting", func() bool { return c.Waiting() == n })
}

// collect calls Create for n new keys, whose inserts share one statement. It is
// sent in the end.
func (c *crowd) collect(ctx context.Context, n int, prepare func(call int, p *assignment.CreateParams)) (send func() outcomes) {
	c.t.Helper()
	end := c.occupied() //nolint:contextcheck // the calls that occupy are not given up
	c.rounds++
	wait := c.createAtOnce(ctx, n, prepare)
	c.waiting(n)
	return func() outcomes {
		end()
		return wait()
	}
}

// holdElsewhere creates the holder of a slot without the store having a hint of it.
func (c *crowd) holdElsewhere(p assignment.CreateParams) assignment.Assignment {
	c.t.Helper()
	tx := mustBegin(c.t, c.host)
	holder, err := c.service.WithStore(tx.Store).Create(c.t.Context(), p)
	if err != nil {
		c.t.Fatal(err)
	}
	if err := tx.Commit(c.t.Context()); err != nil {
		c.t.Fatal(err)
	}
	return holder
}

func (c *crowd) wantHolder(err error, holder assignment.Assignment) {
	c.t.Helper()
	conflict, ok := errors.AsType[*assignment.ActiveExistsError](err)
	if !ok || errors.Is(err, assignment.ErrUnknownOutcome) || conflict.Existing.ID != holder.ID {
		c.t.Errorf("got %v, want a conflict with %s", err, holder.ID)
	}
}

func (c *crowd) wantNone(k assignment.Key) {
	c.t.Helper()
	if a, err := c.service.FindActive(c.t.Context(), k); !errors.Is(err, assignment.ErrNotFound) {
		c.t.Errorf("nothing was written according to the error; found %v, %v", a, err)
	}
}

// waitingForTable is a statement that fails unless that many backends wait for the
// table.
func waitingForTable(n int) string {
	return fmt.Sprintf(`DO $$ BEGIN IF %d <> (
  SELECT count(*) FROM pg_locks WHERE relation = 'assignments'::regclass AND NOT granted
) THEN RAISE EXCEPTION 'not yet'; END IF; END $$`, n)
}
