package databasesql_test

import (
	"testing"

	"github.com/assignment-go/assignment/postgres/internal/pgsuite"
)

func TestFailures(t *testing.T) {
	for _, driver := range []string{"postgres", "pgx"} {
		t.Run(driver, func(t *testing.T) {
			pgsuite.Failures(t, func(t *testing.T) pgsuite.Host {
				db := mustMigrate(t, driver)
				return hostOn(db, mustStore(t, db))
			})
		})
	}
}

func TestReplay(t *testing.T) {
	t.Parallel()
	for _, driver := range []string{"postgres", "pgx"} {
		t.Run(driver, func(t *testing.T) {
			pgsuite.Replay(t, func(t *testing.T) pgsuite.Host {
				db := mustMigrate(t, driver)
				return hostOn(db, mustStore(t, db))
			})
		})
	}
}

func TestBatch(t *testing.T) {
	t.Parallel()
	for _, driver := range []string{"postgres", "pgx"} {
		t.Run(driver, func(t *testing.T) {
			pgsuite.Batch(t, func(t *testing.T) pgsuite.Host {
				db := mustMigrate(t, driver)
				return hostOn(db, mustStore(t, db))
			})
		})
	}
}

func TestBatchRejections(t *testing.T) {
	t.Parallel()
	for _, driver := range []string{"postgres", "pgx"} {
		t.Run(driver, func(t *testing.T) {
			pgsuite.BatchRejections(t, func(t *testing.T) pgsuite.Host {
				db := mustMigrate(t, driver)
				return hostOn(db, mustStore(t, db))
			})
		})
	}
}

func TestRaises(t *testing.T) {
	t.Parallel()
	for _, driver := range []string{"postgres", "pgx"} {
		t.Run(driver, func(t *testing.T) {
			pgsuite.Raises(t, func(t *testing.T) pgsuite.Host {
				db := mustMigrate(t, driver)
				return hostOn(db, mustStore(t, db))
			})
		})
	}
}
