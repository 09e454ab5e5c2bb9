package postgres_test

import (
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/assignment-go/assignment/postgres/internal/pgsuite"
)

func TestFailures(t *testing.T) {
	pgsuite.Failures(t, func(t *testing.T) pgsuite.Host {
		pool := mustMigrate(t)
		return hostOn(pool, mustStore(t, pool))
	})
}

func TestReplay(t *testing.T) {
	t.Parallel()
	pgsuite.Replay(t, func(t *testing.T) pgsuite.Host {
		pool := mustMigrate(t)
		return hostOn(pool, mustStore(t, pool))
	})
}

func TestBatch(t *testing.T) {
	t.Parallel()
	pgsuite.Batch(t, func(t *testing.T) pgsuite.Host {
		pool := mustMigrate(t)
		return hostOn(pool, mustStore(t, pool))
	})
}

func TestRaises(t *testing.T) {
	t.Parallel()
	pgsuite.Raises(t, func(t *testing.T) pgsuite.Host {
		pool := mustMigrate(t)
		return hostOn(pool, mustStore(t, pool))
	})
}

// TestRaisesWithParametersInTheContext has the server add the parameters of each
// statement to the context of its errors.
func TestRaisesWithParametersInTheContext(t *testing.T) {
	t.Parallel()
	open := func(t *testing.T) pgsuite.Host {
		config := mustMigrate(t).Config()
		config.ConnConfig.RuntimeParams["log_parameter_max_length_on_error"] = "-1"
		pool, err := pgxpool.NewWithConfig(t.Context(), config)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(pool.Close)
		return hostOn(pool, mustStore(t, pool))
	}
	pgsuite.Failures(t, open)
	pgsuite.Raises(t, open)
}
