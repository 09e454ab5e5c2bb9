package postgres_test

import (
	"testing"

	"github.com/assignment-go/assignment/postgres/internal/pgsuite"
)

func TestIsolation(t *testing.T) {
	t.Parallel()
	pgsuite.Isolation(t, func(t *testing.T) pgsuite.Host {
		pool := mustMigrate(t)
		return hostOn(pool, mustStore(t, pool))
	})
}
