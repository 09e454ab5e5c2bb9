//go:build unix

package faults_test

import (
	"errors"
	"flag"
	"testing"

	"github.com/assignment-go/assignment/internal/faults"
	"github.com/assignment-go/assignment/internal/testdb"
)

// mixupCalls is enough for some hundred mix-ups with a driver that sends a
// statement and its parameters in separate round trips.
var mixupCalls = flag.Int("faults.pooled", 200, "calls through a transaction pooler, per driver and mode")

// Behind a pooler in transaction mode, a driver must send a statement and its
// parameters together: otherwise the server runs the statement of another caller.
func TestPooled(t *testing.T) {
	server := testdb.DSN(t)
	for _, driver := range faults.Pooled() {
		t.Run(driver.Name+"/every_call_runs_its_own_statement", func(t *testing.T) {
			t.Parallel()
			found := mustFindMixups(t, server, driver)
			if found.MixedUp > 0 || found.Failed > 0 {
				t.Errorf("of %d calls %d failed, with %v; %d rows have a status that their caller did not ask for",
					*mixupCalls, found.Failed, found.Failure, found.MixedUp)
			}
		})
	}
	for _, driver := range faults.Preparing() {
		t.Run(driver.Name+"/every_call_runs_its_own_statement_or_fails", func(t *testing.T) {
			t.Parallel()
			found := mustFindMixups(t, server, driver)
			if found.MixedUp > 0 {
				t.Errorf("%d rows have a status that their caller did not ask for", found.MixedUp)
			}
		})
	}
}

func mustFindMixups(t *testing.T, server string, driver faults.Driver) faults.Mixups {
	t.Helper()
	dsn, drop, err := testdb.NewSchema(t.Context(), server)
	if err != nil {
		t.Fatal(err)
	}
	pooler, err := faults.StartPooler(t.Context(), dsn)
	if errors.Is(err, faults.ErrNoPooler) {
		skip(t, err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(pooler.Close(), drop()); err != nil {
			t.Error(err)
		}
	})
	found, err := faults.FindMixups(t.Context(), driver, dsn, pooler.DSN(), *mixupCalls)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d calls succeeded, %d failed, %d mixed up", found.Calls, found.Failed, found.MixedUp)
	return found
}
