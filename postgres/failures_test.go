package postgres_test

import (
	"testing"

	"github.com/assignment-go/assignment/postgres/internal/pgsuite"
)

func TestFailures(t *testing.T) {
	pgsuite.Failures(t, func(t *testing.T) pgsuite.Host {
		pool := mustMigrate(t)
		return hostOn(pool, mustStore(t, pool))
	})
}

func TestReplay(t *testing.T) {
	pgsuite.Replay(t, func(t *testing.T) pgsuite.Host {
		pool := mustMigrate(t)
		return hostOn(pool, mustStore(t, pool))
	})
}

func TestBatch(t *testing.T) {
	pgsuite.Batch(t, func(t *testing.T) pgsuite.Host {
		pool := mustMigrate(t)
		return hostOn(pool, mustStore(t, pool))
	})
}
