package postgres_test

import (
	"testing"

	"github.com/assignment-go/assignment/postgres/internal/pgsuite"
)

func hostAt(t *testing.T, dsn string) pgsuite.Host {
	t.Helper()
	pool := mustPoolOn(t, dsn)
	return hostOn(pool, mustStore(t, pool))
}

func TestTriggers(t *testing.T) {
	t.Parallel()
	pgsuite.Triggers(t, hostAt)
}

func TestPolicies(t *testing.T) {
	t.Parallel()
	pgsuite.Policies(t, hostAt)
}

func TestUniqueIDs(t *testing.T) { pgsuite.UniqueIDs(t, hostAt) }

func TestLockedIDs(t *testing.T) { pgsuite.LockedIDs(t, hostAt) }
