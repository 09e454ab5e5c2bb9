//go:build unix

package faults_test

import (
	"errors"
	"flag"
	"testing"

	"github.com/assignment-go/assignment/internal/faults"
	"github.com/assignment-go/assignment/internal/testdb"
)

// swapCalls is enough for some hundred swaps with a driver that sends statements
// and parameters apart.
var swapCalls = flag.Int("faults.pooled", 200, "calls through a transaction pooler, per driver and mode")

// Behind a pooler that gives each transaction another server, a statement and its
// parameters must not part: what runs would be the statement of another caller.
func TestPooled(t *testing.T) {
	server := testdb.DSN(t)
	for _, driver := range faults.Pooled() {
		t.Run(driver.Name+"/every_call_is_its_own", func(t *testing.T) {
			t.Parallel()
			found := mustSwap(t, server, driver)
			if found.Swapped > 0 || found.Failed > 0 {
				t.Errorf("of %d calls %d failed, with %v; %d rows have a status that nobody asked for",
					*swapCalls, found.Failed, found.Failure, found.Swapped)
			}
		})
	}
	for _, driver := range faults.Preparing() {
		t.Run(driver.Name+"/a_call_is_its_own_or_fails", func(t *testing.T) {
			t.Parallel()
			found := mustSwap(t, server, driver)
			if found.Swapped > 0 {
				t.Errorf("%d rows have a status that nobody asked for", found.Swapped)
			}
		})
	}
}

func mustSwap(t *testing.T, server string, driver faults.Driver) faults.Swaps {
	t.Helper()
	dsn, drop, err := testdb.NewSchema(t.Context(), server)
	if err != nil {
		t.Fatal(err)
	}
	pooler, err := faults.StartPooler(t.Context(), dsn)
	if errors.Is(err, faults.ErrNoPooler) {
		absent(t, err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(pooler.Close(), drop()); err != nil {
			t.Error(err)
		}
	})
	found, err := faults.Swap(t.Context(), driver, dsn, pooler.DSN(), *swapCalls)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d calls, %d failed, %d swapped", found.Calls, found.Failed, found.Swapped)
	return found
}
