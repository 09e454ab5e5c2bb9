// Package race runs the strategies against each other: in rounds, in another
// order each time, so that a drift of the machine hits all alike.
package race

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/assignment-go/assignment/bench/internal/stage"
	"github.com/assignment-go/assignment/bench/internal/strategy"
)

// Names of the workloads.
const (
	NameNew     = "new"
	NameTen     = "ten"
	NameHot     = "hot"
	NameFresh   = "history-none"
	NameHistory = "history"
	NameBulk    = "bulk"
)

const (
	callersPerKey = 10
	hotKeys       = 200
	// dueIn is when an assignment is due, from the start of the program.
	dueIn = 30 * 24 * time.Hour
)

// workload says which keys the callers ask for, and on which table.
type workload struct {
	name, title string
	// key makes the nth request of one measurement.
	key func(measurement string, n int64) (assignee, subject string)
	// held is how many keys, from the first on, are taken before the race.
	held int
	// table is kept through all rounds; empty means the strategy's own, which
	// is emptied before each measurement.
	table string
	// enters picks the strategies.
	enters func(strategy.Strategy) bool
}

// workloads returns all of them; history is the number of rows to begin with.
func workloads(history int) []workload {
	all := []workload{
		{name: NameNew, title: "every key new", key: newKey, enters: everybody},
		{name: NameTen, title: "10 callers per key", key: sharedKey, enters: everybody},
		{name: NameHot, title: "200 hot keys, nearly all taken", key: hotKey, held: hotKeys - hotKeys/20, enters: everybody},
	}
	if history == 0 {
		return all
	}
	return append(all,
		workload{
			name: NameFresh, title: "every key new, a table that began empty",
			key: newKey, table: stage.Fresh, enters: compared,
		},
		workload{
			name: NameHistory, title: fmt.Sprintf("every key new, beside %s completed rows", thousands(history)),
			key: newKey, table: stage.History, enters: compared,
		},
	)
}

func everybody(strategy.Strategy) bool { return true }

// compared are those that the effect of history is measured on.
func compared(s strategy.Strategy) bool {
	return s.Name == strategy.NameFix || s.Name == strategy.NameFloor || s.Name == strategy.NameService
}

func newKey(measurement string, n int64) (assignee, subject string) {
	return stage.Assignee(n), fmt.Sprintf("scenario-%s-%d", measurement, n)
}

// sharedKey gives ten callers in a row the same key: they meet.
func sharedKey(measurement string, n int64) (assignee, subject string) {
	return newKey(measurement, n/callersPerKey)
}

// hotKey picks any of the keys. The names are those of all measurements, since
// the table is emptied in between.
func hotKey(_ string, _ int64) (assignee, subject string) {
	return heldKey(rand.Int64N(hotKeys))
}

func heldKey(n int64) (assignee, subject string) {
	return stage.Assignee(n), "scenario-hot"
}

// request fills in what all rows have in common.
func request(assignee, subject string) strategy.Request {
	return strategy.Request{
		AssigneeID: assignee,
		SubjectID:  subject,
		AssignedBy: "lab",
		AccountID:  "account-7",
		DueAt:      due,
	}
}

var due = time.Now().UTC().Add(dueIn).Truncate(time.Second) //nolint:gochecknoglobals // the same for every row

// thousands groups digits: 5,000,000.
func thousands(n int) string {
	text := strconv.Itoa(n)
	for at := len(text) - 3; at > 0; at -= 3 {
		text = text[:at] + "," + text[at:]
	}
	return text
}
