// Package race compares the strategies in rounds, each in a different order, so
// that a drift in the speed of the machine affects all of them alike.
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
	NameNew       = "new"
	NameTen       = "ten"
	NameHot       = "hot"
	NameNoHistory = "history-none"
	NameHistory   = "history"
	NameBulk      = "bulk"
)

const (
	callersPerKey = 10
	hotKeys       = 200
	// dueIn is when an assignment is due, from the start of the program.
	dueIn = 30 * 24 * time.Hour
)

// workload is which keys the callers create, and in which table.
type workload struct {
	name, title string
	// key returns the key of the nth request of a measurement.
	key func(measurement string, n int64) (assignee, subject string)
	// held is how many keys, from the first on, are taken before the measurement.
	held int
	// table is used in all rounds without being emptied. Empty means the table of
	// the strategy, which is emptied before each measurement.
	table string
	// includes selects the strategies.
	includes func(strategy.Strategy) bool
}

// workloads returns all workloads for calls; history is the number of completed
// rows.
func workloads(history int) []workload {
	all := []workload{
		{name: NameNew, title: "every key new", key: newKey, includes: everyStrategy},
		{name: NameTen, title: "10 callers per key", key: sharedKey, includes: everyStrategy},
		{name: NameHot, title: "200 hot keys, nearly all taken", key: hotKey, held: hotKeys - hotKeys/20, includes: everyStrategy},
	}
	if history == 0 {
		return all
	}
	return append(all,
		workload{
			name: NameNoHistory, title: "every key new, without completed rows",
			key: newKey, table: stage.NoHistory, includes: compared,
		},
		workload{
			name: NameHistory, title: fmt.Sprintf("every key new, beside %s completed rows", thousands(history)),
			key: newKey, table: stage.History, includes: compared,
		},
	)
}

func everyStrategy(strategy.Strategy) bool { return true }

// compared selects the strategies on which the effect of history is measured.
func compared(s strategy.Strategy) bool {
	return s.Name == strategy.NameFix || s.Name == strategy.NameFloor || s.Name == strategy.NameService
}

func newKey(measurement string, n int64) (assignee, subject string) {
	return stage.Assignee(n), fmt.Sprintf("scenario-%s-%d", measurement, n)
}

// sharedKey gives ten callers in a row the same key, so that they compete.
func sharedKey(measurement string, n int64) (assignee, subject string) {
	return newKey(measurement, n/callersPerKey)
}

// hotKey returns any of the hot keys, which are the same in all measurements.
func hotKey(_ string, _ int64) (assignee, subject string) {
	return heldKey(rand.Int64N(hotKeys))
}

func heldKey(n int64) (assignee, subject string) {
	return stage.Assignee(n), "scenario-hot"
}

// request returns a request with the attributes that are the same in all rows.
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

// thousands formats a number with its digits in groups: 5,000,000.
func thousands(n int) string {
	text := strconv.Itoa(n)
	for at := len(text) - 3; at > 0; at -= 3 {
		text = text[:at] + "," + text[at:]
	}
	return text
}
