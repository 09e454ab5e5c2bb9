package pgsuite

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/internal/testdb"
	"github.com/assignment-go/assignment/postgres/schema"
)

type tenantKey struct{}

// EnterTenant is for the hooks of a pool that run with the context of the call
// which takes the connection: it puts the tenant of the context into the session.
func EnterTenant(ctx context.Context, conn *pgx.Conn) error {
	name, ok := ctx.Value(tenantKey{}).(string)
	if !ok {
		return nil
	}
	_, err := conn.Exec(ctx, "SET search_path TO "+schema.Quote(name))
	return err
}

// Tenants checks a store on a pool whose sessions follow the context. Hosts do
// that for schemas by tenant and for row-level security; a statement then must
// answer no call of another tenant.
func Tenants(t *testing.T, open func(t *testing.T, dsn string) assignment.Store) {
	t.Helper()
	first, second := newTenant(t), newTenant(t)
	var begun atomic.Int64
	service, err := assignment.NewService(open(t, first.dsn), &assignment.Options{Now: func() time.Time {
		begun.Add(1)
		return time.Now()
	}})
	if err != nil {
		t.Fatal(err)
	}
	first.fill(t, service)
	second.fill(t, service)
	createAtOnce(t, service, first, second)
	before := begun.Load()

	// all calls of the first tenant wait on the server, and those of the second
	// behind them, if anything lets them wait for each other
	release := first.hold(t)
	var wg sync.WaitGroup
	calls := first.askAll(t, &wg, service) + second.askAll(t, &wg, service)
	for n := 0; n < 500 && begun.Load() < before+calls; n++ {
		time.Sleep(10 * time.Millisecond)
	}
	release()
	wg.Wait()
	if n := begun.Load() - before; n != calls {
		t.Errorf("%d of %d calls have begun", n, calls)
	}
}

type tenant struct {
	ctx  context.Context //nolint:containedctx // it is what makes the tenant
	dsn  string
	conn *pgx.Conn
	held []assignment.Assignment
}

func newTenant(t *testing.T) *tenant {
	t.Helper()
	dsn := testdb.Schema(t)
	if err := migrate(t.Context(), dsn, assignment.DefaultLifecycle()); err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	var name string
	if err := conn.QueryRow(t.Context(), "SELECT current_schema()").Scan(&name); err != nil {
		t.Fatal(err)
	}
	return &tenant{ctx: context.WithValue(t.Context(), tenantKey{}, name), dsn: dsn, conn: conn}
}

// fill takes the same slots for every tenant.
func (n *tenant) fill(t *testing.T, service *assignment.Service) {
	t.Helper()
	for i := range 5 {
		a, err := service.Create(n.ctx, newSlot("held", i))
		if err != nil {
			t.Fatal(err)
		}
		n.held = append(n.held, a)
	}
}

// createAtOnce takes new slots for both tenants, after many that were free: what a
// store sends then may differ from what it sends first.
func createAtOnce(t *testing.T, service *assignment.Service, tenants ...*tenant) {
	t.Helper()
	const calm, calls = 80, 20
	for i := range calm {
		if _, err := service.Create(tenants[0].ctx, newSlot("calm", i)); err != nil {
			t.Fatal(err)
		}
	}
	var wg sync.WaitGroup
	for _, n := range tenants {
		for i := range calls {
			wg.Go(func() {
				a, err := service.Create(n.ctx, newSlot("at once", i))
				if err != nil {
					t.Error(err)
					return
				}
				if kept, err := service.Get(n.ctx, a.ID); err != nil || kept.Key != a.Key {
					t.Errorf("created %v for another tenant: %v", a.Key, err)
				}
			})
		}
	}
	wg.Wait()
}

func newSlot(assignee string, i int) assignment.CreateParams {
	return assignment.CreateParams{Key: assignment.Key{AssigneeID: assignee, SubjectID: strconv.Itoa(i)}}
}

// hold makes everybody wait who wants to read the tenant's table.
func (n *tenant) hold(t *testing.T) (release func()) {
	t.Helper()
	if _, err := n.conn.Exec(t.Context(), "BEGIN; LOCK TABLE assignments IN ACCESS EXCLUSIVE MODE"); err != nil {
		t.Fatal(err)
	}
	return func() {
		if _, err := n.conn.Exec(t.Context(), "ROLLBACK"); err != nil {
			t.Error(err)
		}
	}
}

// askAll creates each slot a few times at once, and returns how many calls that
// makes.
func (n *tenant) askAll(t *testing.T, wg *sync.WaitGroup, service *assignment.Service) (calls int64) {
	t.Helper()
	for range 3 {
		for _, own := range n.held {
			calls++
			wg.Go(func() {
				_, err := service.Create(n.ctx, assignment.CreateParams{Key: own.Key})
				if conflict, ok := errors.AsType[*assignment.ActiveExistsError](err); !ok || conflict.Existing.ID != own.ID {
					t.Errorf("want a conflict with %s, got %v", own.ID, err)
				}
			})
		}
	}
	return calls
}
