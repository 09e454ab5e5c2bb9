package postgres_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/pgsuite"
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
			pgsuite.Tenants(t, func(t *testing.T, dsn string) assignment.Store {
				t.Helper()
				config, err := pgxpool.ParseConfig(dsn)
				if err != nil {
					t.Fatal(err)
				}
				hook(config)
				config.MaxConns = 32
				pool, err := pgxpool.NewWithConfig(t.Context(), config)
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(pool.Close)
				return mustStore(t, pool)
			})
		})
	}
}
