package postgres_test

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres"
)

// calmCrowd is many creates at once by a store that finds all slots free.
type calmCrowd struct {
	pool    *pgxpool.Pool
	store   *postgres.Store
	service *assignment.Service
	counter *roundTrips
	rounds  int
}

func newCalmCrowd(t *testing.T) *calmCrowd {
	t.Helper()
	pool, counter := tracedPool(t)
	store := mustStore(t, pool)
	return &calmCrowd{pool: pool, store: store, service: mustService(t, store), counter: counter}
}

// create calls Create for n new keys at once, each prepared by the caller.
func (c *calmCrowd) create(ctx context.Context, n int, prepare func(i int, p *assignment.CreateParams)) (wait func() ([]assignment.Assignment, []error)) {
	c.rounds++
	c.store.SupposeFree()
	got, errs := make([]assignment.Assignment, n), make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		p := paramsFor("calm " + strconv.Itoa(c.rounds) + " " + strconv.Itoa(i))
		if prepare != nil {
			prepare(i, &p)
		}
		wg.Go(func() { got[i], errs[i] = c.service.Create(ctx, p) })
	}
	return func() ([]assignment.Assignment, []error) {
		wg.Wait()
		return got, errs
	}
}

func errorsOf(wait func() ([]assignment.Assignment, []error)) []error {
	_, errs := wait()
	return errs
}

func (c *calmCrowd) wantKept(t *testing.T, a assignment.Assignment) {
	t.Helper()
	kept, err := c.service.Get(t.Context(), a.ID)
	if err != nil {
		t.Error(err)
	}
	wantSame(t, kept, a)
}

// TestInsertsTogether covers creates that share a statement: they share speed,
// and no failure.
func TestInsertsTogether(t *testing.T) {
	c := newCalmCrowd(t)
	t.Run("a_crowd_sends_fewer_statements_than_it_has_calls", func(t *testing.T) {
		const calls = 400
		trips := c.counter.during(func() {
			got, errs := c.create(t.Context(), calls, func(i int, p *assignment.CreateParams) {
				p.AssignedBy = "somebody " + strconv.Itoa(i)
				p.DueAt = time.Now().Add(time.Duration(i) * time.Hour)
				p.Metadata = map[string]any{"n": float64(i)}
			})()
			for i, err := range errs {
				if err != nil {
					t.Fatal(err)
				}
				c.wantKept(t, got[i])
			}
		})
		if creates := trips - calls; creates > calls/2 { // the others read; about 40 when no call is late
			t.Errorf("%d statements by %d creates", creates, calls)
		}
	})
	t.Run("unless_each_call_is_to_send_its_own", func(t *testing.T) {
		const calls = 200
		own, err := postgres.New(t.Context(), c.pool, &postgres.Options{OwnStatements: true})
		if err != nil {
			t.Fatal(err)
		}
		alone := &calmCrowd{pool: c.pool, store: own, service: mustService(t, own), rounds: 1000}
		trips := c.counter.during(func() {
			for _, err := range errorsOf(alone.create(t.Context(), calls, nil)) {
				if err != nil {
					t.Error(err)
				}
			}
		})
		if trips < calls {
			t.Errorf("%d statements by %d calls", trips, calls)
		}
	})
	t.Run("a_slot_that_another_process_took_is_refused_alone", func(t *testing.T) {
		other := mustService(t, mustStore(t, c.pool))
		holder, err := other.Create(t.Context(), paramsFor("taken by others"))
		if err != nil {
			t.Fatal(err)
		}
		for i, err := range errorsOf(c.create(t.Context(), 100, func(i int, p *assignment.CreateParams) {
			if i == 50 {
				p.Key = holder.Key
			}
		})) {
			conflict, refused := errors.AsType[*assignment.ActiveExistsError](err)
			if refused != (i == 50) || refused && conflict.Existing.ID != holder.ID || !refused && err != nil {
				t.Errorf("call %d: %v", i, err)
			}
		}
	})
	t.Run("those_who_wait_for_a_transaction_hold_nobody_up", func(t *testing.T) { c.whileSomeWait(t, 8) })
	t.Run("who_gives_up_writes_nothing_or_says_that_it_does_not_know", func(t *testing.T) { c.giveUp(t) })
}

// whileSomeWait has more slots held by an open transaction than statements may
// be under way before others gather.
func (c *calmCrowd) whileSomeWait(t *testing.T, held int) {
	tx, err := c.pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(t.Context()) }()
	host := c.service.WithStore(c.store.WithTx(tx))
	for i := range held {
		if _, err := host.Create(t.Context(), paramsFor("held "+strconv.Itoa(i))); err != nil {
			t.Fatal(err)
		}
	}
	waiting := c.create(t.Context(), held, func(i int, p *assignment.CreateParams) { p.Key = paramsFor("held " + strconv.Itoa(i)).Key })
	for range 5 {
		deadline, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		errs := errorsOf(c.create(deadline, 100, nil))
		cancel()
		for _, err := range errs {
			if err != nil {
				t.Errorf("held up by a stranger's transaction: %v", err)
			}
		}
	}
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, err := range errorsOf(waiting) {
		wantError(t, err, assignment.ErrActiveExists)
	}
}

func (c *calmCrowd) giveUp(t *testing.T) {
	t.Helper()
	for range 10 {
		ctx, cancel := context.WithCancel(t.Context())
		wait := c.create(ctx, 200, nil)
		staying := c.create(t.Context(), 50, nil)
		time.Sleep(2 * time.Millisecond)
		cancel()
		got, errs := wait()
		for i, err := range errs {
			key := paramsFor("calm " + strconv.Itoa(c.rounds-1) + " " + strconv.Itoa(i)).Key
			switch {
			case err == nil:
				c.wantKept(t, got[i])
			case !errors.Is(err, context.Canceled):
				t.Errorf("got %v, want the context's error", err)
			case !errors.Is(err, assignment.ErrUnknownOutcome):
				if a, err := c.service.FindActive(t.Context(), key); !errors.Is(err, assignment.ErrNotFound) {
					t.Errorf("nothing was written, said the error; found %v, %v", a, err)
				}
			}
		}
		for _, err := range errorsOf(staying) {
			if err != nil {
				t.Errorf("who stayed: %v", err)
			}
		}
	}
}

// What the table refuses, be it at once or only when the statement commits, fails
// nobody else.
func TestInsertsTogetherThatTheTableRefuses(t *testing.T) {
	for name, rule := range map[string]string{
		"at_once": `ALTER TABLE assignments ADD CHECK (account_id <> 'unknown')`,
		"at_commit": `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
			$$ BEGIN RAISE EXCEPTION 'unknown account' USING ERRCODE = '23503'; END $$;
			CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON assignments DEFERRABLE INITIALLY DEFERRED
			FOR EACH ROW WHEN (NEW.account_id = 'unknown') EXECUTE FUNCTION refuse()`,
	} {
		t.Run(name, func(t *testing.T) {
			c := newCalmCrowd(t)
			mustExec(t, c.pool, rule)
			var refused atomic.Int64
			got, errs := c.create(t.Context(), 120, func(i int, p *assignment.CreateParams) {
				p.AccountID = "known"
				if i%10 == 0 {
					p.AccountID = "unknown"
				}
			})()
			for i, err := range errs {
				if i%10 == 0 {
					refused.Add(1)
					wantError(t, err, assignment.ErrInvalid)
					continue
				}
				if err != nil {
					t.Fatal(err)
				}
				c.wantKept(t, got[i])
			}
			if n, err := c.service.Count(t.Context(), assignment.Query{}); err != nil || n != 120-refused.Load() {
				t.Errorf("%d rows, %v; %d were refused", n, err, refused.Load())
			}
		})
	}
}

// A repeated ID is nobody's row but the first one's.
func TestInsertsTogetherUnderRepeatedIDs(t *testing.T) {
	pool, _ := tracedPool(t)
	store := mustStore(t, pool)
	service, err := assignment.NewService(store, &assignment.Options{NewID: func() assignment.ID { return "always" }})
	if err != nil {
		t.Fatal(err)
	}
	store.SupposeFree()
	var created, reused atomic.Int64
	var wg sync.WaitGroup
	for i := range 100 {
		wg.Go(func() {
			switch _, err := service.Create(t.Context(), paramsFor("repeated "+strconv.Itoa(i))); {
			case err == nil:
				created.Add(1)
			case errors.Is(err, assignment.ErrIDReused):
				reused.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if created.Load() != 1 || reused.Load() != 99 {
		t.Errorf("%d created and %d refused, want 1 and 99", created.Load(), reused.Load())
	}
}
