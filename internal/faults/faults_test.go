//go:build unix

package faults_test

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"math"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/assignment-go/assignment/internal/faultproxy"
	"github.com/assignment-go/assignment/internal/faults"
	"github.com/assignment-go/assignment/internal/testdb"
)

// wanted is how many faulted calls each driver must make. Without the flag the
// suite is short, for a normal run of the tests.
var wanted = flag.Int("faults.calls", 0, "faulted calls per driver; 0 means a short run")

const (
	// shortFaulted is how many faulted calls a scenario of the short suite makes.
	shortFaulted = 12
	// maxCrashed bounds the faulted calls of a scenario that crashes the server,
	// which takes a while to recover.
	maxCrashed = 500
	// shortTime and longTime bound a scenario.
	shortTime = 10 * time.Second
	longTime  = 5 * time.Minute
)

// TestMain runs all drivers in parallel, whatever the number of processors: they
// mostly wait, for pauses between attempts and for servers.
func TestMain(m *testing.M) {
	flag.Parse()
	if err := flag.Set("test.parallel", "8"); err != nil {
		panic(err)
	}
	m.Run()
}

// results collects the rows of the table.
type results struct {
	mu   sync.Mutex
	rows []faults.Row
}

func TestFaults(t *testing.T) {
	server := testdb.DSN(t)
	var all results
	for _, driver := range faults.Drivers() {
		t.Run(driver.Name, func(t *testing.T) {
			t.Parallel()
			for _, fault := range faults.NetworkFaults() {
				t.Run(fault.Name, func(t *testing.T) { all.network(t, server, driver, fault) })
			}
			t.Run("backend terminated", func(t *testing.T) {
				s := scenario(t, server, "backend terminated", driver)
				s.Sabotage = faults.TerminateBackends(s.DSN)
				all.run(t, s)
			})
			t.Run("REINDEX CONCURRENTLY", func(t *testing.T) { all.reindex(t, server, driver) })
		})
	}
	t.Run("server crash", func(t *testing.T) {
		t.Parallel()
		crashes(t, &all)
	})
	t.Run("pgbouncer", func(t *testing.T) {
		t.Parallel()
		poolers(t, &all, server)
	})
	t.Cleanup(func() { all.print(t) })
}

// crashes needs a dedicated server, since it kills it.
func crashes(t *testing.T, all *results) {
	server := mustServer(t)
	for _, driver := range faults.Drivers() {
		for name, sabotage := range map[string]func(context.Context, string) error{
			"kill -9 of a backend":        server.KillBackends,
			"immediate shutdown, restart": server.Crash,
		} {
			t.Run(name+"/"+driver.Name, func(t *testing.T) {
				if err := server.Await(t.Context()); err != nil {
					t.Fatal(err)
				}
				s := scenario(t, server.DSN(), name, driver)
				s.Sabotage = sabotage
				s.Faulted = min(s.Faulted, maxCrashed)
				all.run(t, s)
			})
		}
	}
}

// mustServer starts a server for this test alone.
func mustServer(t *testing.T) *faults.Server {
	t.Helper()
	server, err := faults.StartServer(t.Context())
	if errors.Is(err, faults.ErrNoServer) {
		skip(t, err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	return server
}

// poolers goes through pgbouncer in exec mode, which the documentation of the
// driver recommends for it.
func poolers(t *testing.T, all *results, server string) {
	for name, arrange := range map[string]func(*faults.Scenario){
		"pgbouncer, any network fault":  func(s *faults.Scenario) { s.Plan = faults.AnyFault() },
		"pgbouncer, backend terminated": func(s *faults.Scenario) { s.Sabotage = faults.TerminateBackends(s.DSN) },
	} {
		t.Run(name, func(t *testing.T) {
			s := scenario(t, server, name, faults.PgxExec())
			pooler, err := faults.StartPooler(t.Context(), s.DSN)
			if errors.Is(err, faults.ErrNoPooler) {
				skip(t, err)
			}
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				if err := pooler.Close(); err != nil {
					t.Error(err)
				}
			})
			s.Via = pooler.DSN()
			s.BeforeVerify = func(context.Context) error { return pooler.Close() }
			arrange(&s)
			all.run(t, s)
		})
	}
}

// skip skips a test for lack of a program, or fails it in CI, where a skipped
// test would look like a passed one.
func skip(t *testing.T, err error) {
	t.Helper()
	if ci := os.Getenv("CI"); ci != "" && ci != "false" {
		t.Fatalf("this test must not be skipped in CI: %v", err)
	}
	t.Skip(err)
}

func (r *results) network(t *testing.T, server string, driver faults.Driver, fault faults.NetworkFault) {
	s := scenario(t, server, fault.Name, driver)
	s.Plan, s.Mix = fault.Plan(), fault.Mix
	r.run(t, s)
}

// reindex counts a call as faulted when the server sent it an error, as it does
// for an index that is being rebuilt. That is rare, so the run ends by time.
func (r *results) reindex(t *testing.T, server string, driver faults.Driver) {
	s := scenario(t, server, "REINDEX CONCURRENTLY", driver)
	s.Sabotage = faults.RebuildIndexes(s.DSN)
	s.CountFaults = func(f faultproxy.Stats) int64 { return f.Errors }
	s.Faulted, s.Within = math.MaxInt, reindexTime()
	r.run(t, s)
}

func scenario(t *testing.T, server, fault string, driver faults.Driver) faults.Scenario {
	t.Helper()
	dsn, drop, err := testdb.NewSchema(t.Context(), server)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := drop(); err != nil {
			t.Error(err)
		}
	})
	s := faults.Scenario{Fault: fault, Driver: driver, DSN: dsn, Faulted: shortFaulted, Within: shortTime}
	if *wanted > 0 {
		s.Faulted, s.Within = *wanted/len(faults.NetworkFaults())+1, longTime
	}
	return s
}

func reindexTime() time.Duration {
	if *wanted > 0 {
		return time.Minute
	}
	return time.Second
}

// maxShown bounds how many violations of a scenario are printed.
const maxShown = 10

func (r *results) run(t *testing.T, s faults.Scenario) {
	t.Helper()
	row, err := s.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i, violation := range row.Violations {
		if i == maxShown {
			break
		}
		t.Error(violation)
	}
	t.Logf("%d calls, %d faulted, %d unknown, %d violations in %v",
		row.Calls, row.Faulted, row.Unknown, len(row.Violations), row.Took)
	if *wanted > 0 && s.Faulted < math.MaxInt && row.Faulted < s.Faulted {
		t.Errorf("only %d of %d faulted calls in %v", row.Faulted, s.Faulted, s.Within)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.rows = append(r.rows, row)
}

func (r *results) print(t *testing.T) {
	slices.SortStableFunc(r.rows, func(a, b faults.Row) int {
		return cmp.Compare(a.Driver, b.Driver)
	})
	var table strings.Builder
	if err := faults.WriteTable(&table, r.rows); err != nil {
		t.Error(err)
	}
	t.Log("\n" + table.String())
}
