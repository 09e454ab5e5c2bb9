package postgres_test

import (
	"context"
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres"
)

func mustAcquire(t *testing.T, pool *pgxpool.Pool) *pgxpool.Conn {
	t.Helper()
	conn, err := pool.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Release)
	return conn
}

func TestHandles(t *testing.T) {
	pool := mustMigrate(t)
	for name, open := range map[string]func(*testing.T) any{
		"pgxpool.Pool":                     func(*testing.T) any { return pool },
		"a_type_that_embeds_a_pool":        func(*testing.T) any { return struct{ *pgxpool.Pool }{pool} },
		"pgxpool.Conn":                     func(t *testing.T) any { return mustAcquire(t, pool) },
		"pgx.Conn":                         func(t *testing.T) any { return mustAcquire(t, pool).Conn() },
		"pgxpool.Tx":                       func(t *testing.T) any { return mustBegin(t, pool) },
		"a_transaction_of_a_connection":    func(t *testing.T) any { return mustBegin(t, mustAcquire(t, pool).Conn()) },
		"a_type_that_embeds_a_transaction": func(t *testing.T) any { return struct{ pgx.Tx }{mustBegin(t, pool)} },
	} {
		t.Run(name+"_creates_and_finds_the_holder", func(t *testing.T) {
			service := mustService(t, mustStore(t, open(t)))
			first, err := service.Create(t.Context(), paramsFor(name))
			if err != nil {
				t.Fatal(err)
			}
			_, err = service.Create(t.Context(), paramsFor(name))
			if conflict, ok := errors.AsType[*assignment.ActiveExistsError](err); !ok || conflict.Existing.ID != first.ID {
				t.Errorf("got %v, want a conflict with %s", err, first.ID)
			}
		})
	}
}

// tenantPool is a pool of the host's that puts something into each session.
type tenantPool struct{ *pgxpool.Pool }

func (p tenantPool) Acquire(ctx context.Context) (*pgxpool.Conn, error) {
	conn, err := p.Pool.Acquire(ctx)
	if err != nil {
		return nil, err
	}
	_, err = conn.Exec(ctx, "SET app.tenant = 'acme'")
	return conn, err
}

// What a type around a pool does with connections, the store does not bypass.
func TestPoolOfTheHost(t *testing.T) {
	pool := mustMigrate(t)
	mustExec(t, pool, `ALTER TABLE assignments ADD CHECK (current_setting('app.tenant', true) = 'acme')`)
	_, err := mustService(t, mustStore(t, tenantPool{pool})).Create(t.Context(), paramsFor("ana"))
	wantError(t, err, nil)
}

type beginner struct{ postgres.Beginner }

func TestMigrateOnEachHandle(t *testing.T) {
	for name, handle := range map[string]func(*testing.T, *pgxpool.Pool) postgres.Beginner{
		"pgxpool.Pool":              func(_ *testing.T, p *pgxpool.Pool) postgres.Beginner { return p },
		"a_type_that_embeds_a_pool": func(_ *testing.T, p *pgxpool.Pool) postgres.Beginner { return tenantPool{p} },
		"pgxpool.Conn":              func(t *testing.T, p *pgxpool.Pool) postgres.Beginner { return mustAcquire(t, p) },
		"pgx.Conn":                  func(t *testing.T, p *pgxpool.Pool) postgres.Beginner { return mustAcquire(t, p).Conn() },
		"a_type_that_embeds_a_connection": func(t *testing.T, p *pgxpool.Pool) postgres.Beginner {
			return struct{ *pgx.Conn }{mustAcquire(t, p).Conn()}
		},
		"a_type_that_only_begins_transactions": func(_ *testing.T, p *pgxpool.Pool) postgres.Beginner { return beginner{p} },
	} {
		t.Run(name, func(t *testing.T) {
			pool := mustPool(t)
			for range 2 { // the second finds nothing to do
				if err := postgres.Migrate(t.Context(), handle(t, pool), nil); err != nil {
					t.Fatal(err)
				}
			}
			mustStore(t, pool)
		})
	}
}

func TestNewRejectsNil(t *testing.T) {
	for name, open := range map[string]func(context.Context) (*postgres.Store, error){
		"db": func(ctx context.Context) (*postgres.Store, error) {
			return postgres.New(ctx, (*pgxpool.Pool)(nil), nil)
		},
		"conn": func(ctx context.Context) (*postgres.Store, error) { return postgres.NewConn(ctx, nil, nil) },
		"tx": func(ctx context.Context) (*postgres.Store, error) {
			return postgres.NewTx(ctx, (*pgxpool.Tx)(nil), nil)
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := open(t.Context())
			wantInvalid(t, err, name)
		})
	}
}
