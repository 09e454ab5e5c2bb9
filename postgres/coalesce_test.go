package postgres_test

import (
	"context"
	"errors"
	"reflect"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/internal/testdb"
	"github.com/assignment-go/assignment/postgres"
	"github.com/assignment-go/assignment/postgres/internal/coalesce"
	"github.com/assignment-go/assignment/postgres/internal/pgsuite"
)

// coalescingPool is a migrated pool of 32 connections that go through the line.
// Their sessions read NULL in an array literal as a text.
func coalescingPool(t *testing.T, line *pgsuite.Line) *pgxpool.Pool {
	t.Helper()
	config, err := pgxpool.ParseConfig(testdb.Schema(t))
	if err != nil {
		t.Fatal(err)
	}
	config.MaxConns = 32
	config.ConnConfig.DialFunc = line.DialContext
	config.ConnConfig.RuntimeParams["array_nulls"] = "off"
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	if err := postgres.Migrate(t.Context(), pool, nil); err != nil {
		t.Fatal(err)
	}
	return pool
}

func TestCoalesce(t *testing.T) {
	pgsuite.Coalesce(t, func(t *testing.T, bounds *coalesce.Bounds) pgsuite.Coalescing {
		t.Helper()
		line := &pgsuite.Line{}
		pool := coalescingPool(t, line)
		store, err := postgres.New(t.Context(), pool, &postgres.Options{Coalesce: true})
		if err != nil {
			t.Fatal(err)
		}
		var waiting func() int
		if bounds != nil {
			waiting = store.Coalesce(*bounds)
		}
		return pgsuite.Coalescing{Host: hostOn(pool, store), BeOptimistic: store.BeOptimistic, Waiting: waiting, Line: line}
	})
	t.Run("not_by_default", func(t *testing.T) {
		pool, _ := tracedPool(t)
		pgsuite.NotCoalescing(t, hostOn(pool, mustStore(t, pool)))
	})
}

// acquireTracer gets the connection and the context of a call.
type acquireTracer struct{ roundTrips }

func (*acquireTracer) TraceAcquireStart(
	ctx context.Context, _ *pgxpool.Pool, _ pgxpool.TraceAcquireStartData,
) context.Context {
	return ctx
}

func (*acquireTracer) TraceAcquireEnd(context.Context, *pgxpool.Pool, pgxpool.TraceAcquireEndData) {}

// TestCoalesceIsRejected covers handles on which a session may depend on the context
// of one call.
func TestCoalesceIsRejected(t *testing.T) {
	for name, configure := range map[string]func(*pgxpool.Config){
		"with_prepare_conn": func(c *pgxpool.Config) {
			c.PrepareConn = func(context.Context, *pgx.Conn) (bool, error) { return true, nil }
		},
		"with_before_acquire": func(c *pgxpool.Config) {
			c.BeforeAcquire = func(context.Context, *pgx.Conn) bool { return true } //nolint:staticcheck // deprecated, and in use
		},
		"with_an_acquire_tracer": func(c *pgxpool.Config) { c.ConnConfig.Tracer = &acquireTracer{} },
	} {
		t.Run(name, func(t *testing.T) {
			config, err := pgxpool.ParseConfig(testdb.Schema(t))
			if err != nil {
				t.Fatal(err)
			}
			configure(config)
			pool, err := pgxpool.NewWithConfig(t.Context(), config)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(pool.Close)
			wantCoalesceRejected(t, pool)
		})
	}
	t.Run("on_a_connection", func(t *testing.T) {
		conn, err := mustMigrate(t).Acquire(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Release()
		wantCoalesceRejected(t, conn.Conn())
	})
	t.Run("on_a_type_around_a_pool", func(t *testing.T) {
		wantCoalesceRejected(t, struct{ *pgxpool.Pool }{mustMigrate(t)})
	})
	t.Run("not_with_a_query_tracer", func(t *testing.T) {
		pool, _ := tracedPool(t)
		_, err := postgres.New(t.Context(), pool, &postgres.Options{Coalesce: true})
		wantError(t, err, nil)
	})
}

func wantCoalesceRejected(t *testing.T, handle any) {
	t.Helper()
	_, err := newStore(t.Context(), handle, &postgres.Options{Coalesce: true, DeferVerify: true})
	if invalid, ok := errors.AsType[*assignment.InvalidError](err); !ok || invalid.Field != "Coalesce" {
		t.Errorf("got %v, want an *InvalidError that names Coalesce", err)
	}
}

// A repeated ID is nobody's row but the first one's.
func TestCoalesceUnderRepeatedIDs(t *testing.T) {
	pool, _ := tracedPool(t)
	store, err := postgres.New(t.Context(), pool, &postgres.Options{Coalesce: true})
	if err != nil {
		t.Fatal(err)
	}
	service, err := assignment.NewService(store, &assignment.Options{NewID: func() assignment.ID { return "always" }})
	if err != nil {
		t.Fatal(err)
	}
	store.BeOptimistic()
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
		t.Errorf("%d created and %d rejected, want 1 and 99", created.Load(), reused.Load())
	}
}

func wantSame(t *testing.T, got, want assignment.Assignment) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
