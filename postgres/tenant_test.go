package postgres_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres"
	"github.com/assignment-go/assignment/postgres/internal/pgsuite"
	"github.com/assignment-go/assignment/postgres/schema"
)

func TestTenantsByContext(t *testing.T) {
	hooks := map[string]func(*pgxpool.Config){
		"prepare_conn": func(c *pgxpool.Config) {
			c.PrepareConn = func(ctx context.Context, conn *pgx.Conn) (bool, error) {
				return true, pgsuite.EnterTenant(ctx, conn)
			}
		},
		"before_acquire": func(c *pgxpool.Config) {
			c.BeforeAcquire = func(ctx context.Context, conn *pgx.Conn) bool { //nolint:staticcheck // deprecated, and in use
				return pgsuite.EnterTenant(ctx, conn) == nil
			}
		},
	}
	for name, hook := range hooks {
		t.Run(name, func(t *testing.T) {
			pgsuite.Tenants(t, func(t *testing.T, dsn string, table *schema.Table) assignment.Store {
				t.Helper()
				config, err := pgxpool.ParseConfig(dsn)
				if err != nil {
					t.Fatal(err)
				}
				hook(config)
				config.MaxConns = 8
				pool, err := pgxpool.NewWithConfig(t.Context(), config)
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(pool.Close)
				store, err := postgres.New(t.Context(), pool, &postgres.Options{Table: table})
				if err != nil {
					t.Fatal(err)
				}
				return store
			})
		})
	}
}

func TestTemporaryTableOfTheSameName(t *testing.T) {
	pgsuite.Shadowed(t, func(t *testing.T, dsn string) (assignment.Store, func(context.Context, string) error) {
		t.Helper()
		conn := mustConnect(t, dsn, "")
		return mustStore(t, conn), func(ctx context.Context, sql string) error {
			_, err := conn.Exec(ctx, sql)
			return err
		}
	})
}
