//go:build unix

package faults_test

import (
	"math"
	"testing"
	"time"

	"github.com/assignment-go/assignment/internal/faults"
	"github.com/assignment-go/assignment/internal/testdb"
)

const (
	// chaosTime is how long the chaos takes in a normal run of the tests.
	chaosTime = time.Minute
	// chaosCalls is how many calls the long suite makes, longChaos how long it may
	// take for them.
	chaosCalls = 100_000
	longChaos  = 20 * time.Minute
)

// TestChaos makes everything fail at once and then compares what the calls
// reported with the table.
func TestChaos(t *testing.T) {
	testdb.DSN(t) // skips the test without a database, like all others
	server := mustServer(t)
	if err := server.Await(t.Context()); err != nil {
		t.Fatal(err)
	}
	s := faults.Chaos(server, server.DSN())
	s.Calls, s.Within = math.MaxInt, chaosTime
	if *wanted > 0 {
		s.Calls, s.Within = chaosCalls, longChaos
	}
	row, err := s.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, violation := range row.Violations[:min(len(row.Violations), maxShown)] {
		t.Error(violation)
	}
	t.Logf("%d calls, %d violations in %v: %v", row.Calls, len(row.Violations), row.Took, row.ByClass)
	if *wanted > 0 && row.Calls < chaosCalls {
		t.Errorf("only %d of %d calls in %v", row.Calls, chaosCalls, s.Within)
	}
}
