package databasesql_test

import (
	"database/sql"
	"testing"

	"github.com/assignment-go/assignment/postgres/internal/pgsuite"
)

// onDrivers runs a suite on each driver.
func onDrivers(t *testing.T, suite func(*testing.T, pgsuite.HostOpener)) {
	t.Helper()
	for _, driver := range []string{"postgres", "pgx"} {
		t.Run(driver, func(t *testing.T) {
			t.Parallel()
			suite(t, func(t *testing.T, dsn string) pgsuite.Host {
				t.Helper()
				db, err := sql.Open(driver, dsn)
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { _ = db.Close() })
				return hostOn(db, mustStore(t, db))
			})
		})
	}
}

func TestTriggers(t *testing.T) { onDrivers(t, pgsuite.Triggers) }

func TestPolicies(t *testing.T) { onDrivers(t, pgsuite.Policies) }

func TestUniqueIDs(t *testing.T) { onDrivers(t, pgsuite.UniqueIDs) }

func TestLockedIDs(t *testing.T) { onDrivers(t, pgsuite.LockedIDs) }
