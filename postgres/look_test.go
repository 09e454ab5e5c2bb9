package postgres_test

import (
	"context"
	"errors"
	"reflect"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/assignment-go/assignment"
)

// crowd is many calls at once that expect to be refused.
type crowd struct {
	pool           *pgxpool.Pool
	service, other *assignment.Service
	begun          atomic.Int64
	held           []assignment.Assignment
}

func mustCrowd(t *testing.T, slots int) (*crowd, *roundTrips) {
	t.Helper()
	pool, counter := tracedPool(t)
	c := &crowd{pool: pool, other: mustService(t, mustStore(t, pool))}
	service, err := assignment.NewService(mustStore(t, pool), &assignment.Options{Now: func() time.Time {
		c.begun.Add(1)
		return time.Now()
	}})
	if err != nil {
		t.Fatal(err)
	}
	c.service = service
	for i := range slots {
		p := paramsFor("crowd" + strconv.Itoa(i))
		p.Metadata = map[string]any{"n": float64(i)}
		a, err := c.service.Create(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		c.held = append(c.held, a)
	}
	return c, counter
}

// hold lets no look pass until it is released.
func (c *crowd) hold(t *testing.T) (release func()) {
	t.Helper()
	tx, err := c.pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	mustExec(t, tx, "LOCK TABLE assignments IN ACCESS EXCLUSIVE MODE")
	return func() {
		if err := tx.Rollback(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

// ask creates each slot that is taken the given number of times, all at once,
// and returns when all calls have begun.
func (c *crowd) ask(ctx context.Context, t *testing.T, times int) (wait func() []error) {
	t.Helper()
	errs := make([]error, times*len(c.held))
	all := c.begun.Load() + int64(len(errs))
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() {
			_, errs[i] = c.service.Create(ctx, assignment.CreateParams{Key: c.held[i%len(c.held)].Key})
		})
	}
	waitFor(t, "all calls have begun", func() bool { return c.begun.Load() == all })
	return func() []error {
		wg.Wait()
		return errs
	}
}

func (c *crowd) wantHolders(t *testing.T, errs []error) {
	t.Helper()
	for i, err := range errs {
		conflict, ok := errors.AsType[*assignment.ActiveExistsError](err)
		if !ok {
			t.Fatalf("call %d: got %v", i, err)
		}
		wantSame(t, conflict.Existing, c.held[i%len(c.held)])
	}
}

// TestSharedLooks covers calls that look for holders at the same time: they
// share statements, and nothing else.
func TestSharedLooks(t *testing.T) {
	c, counter := mustCrowd(t, 20)

	t.Run("a_crowd_sends_fewer_statements_than_it_has_calls", func(t *testing.T) {
		trips := counter.during(func() {
			release := c.hold(t)
			wait := c.ask(t.Context(), t, 10)
			release()
			c.wantHolders(t, wait())
		})
		if trips > 100 { // about 12 when no call is late
			t.Errorf("%d statements by 200 calls", trips)
		}
	})
	t.Run("the_holders_share_no_memory", func(t *testing.T) {
		release := c.hold(t)
		wait := c.ask(t.Context(), t, 10)
		release()
		for _, err := range wait() {
			conflict, ok := errors.AsType[*assignment.ActiveExistsError](err)
			if !ok || conflict.Existing.Metadata["spoiled"] != nil {
				t.Fatalf("got %v, or a map that another caller has changed", err)
			}
			conflict.Existing.Metadata["spoiled"] = true
		}
	})
	t.Run("who_gives_up_takes_nobody_along", func(t *testing.T) {
		release := c.hold(t)
		impatient, giveUp := context.WithCancel(t.Context())
		leaving, staying := c.ask(impatient, t, 2), c.ask(t.Context(), t, 2)
		giveUp()
		for _, err := range leaving() {
			wantError(t, err, context.Canceled)
		}
		release()
		c.wantHolders(t, staying())
	})
	t.Run("slots_that_were_freed_meanwhile_are_taken", func(t *testing.T) {
		for _, a := range c.held {
			if _, err := c.other.Cancel(t.Context(), a.ID); err != nil {
				t.Fatal(err)
			}
		}
		created := 0
		for _, err := range c.ask(t.Context(), t, 10)() {
			if err == nil {
				created++
			} else {
				wantError(t, err, assignment.ErrActiveExists)
			}
		}
		if created != len(c.held) {
			t.Errorf("%d created, want %d", created, len(c.held))
		}
	})
}

func wantSame(t *testing.T, got, want assignment.Assignment) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
