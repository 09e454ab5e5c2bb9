package engine

import (
	"cmp"
	"slices"
	"strings"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/sqlgen"
)

// arrange puts items into rounds that are sent one after the other, since what
// becomes of an item depends on those before it with the same ID or key: each goes
// after those that have its ID, and not before those that have its key. From the
// second round on items that share a key go together: their slots are mostly taken
// by then. Duplicates of earlier items are in no round.
func arrange(inputs []sqlgen.Input, items []int) (rounds [][]int, duplicates map[int]int) {
	duplicates = make(map[int]int)
	latest, roundOf := make(map[assignment.ID]int, len(items)), make([]int, len(inputs))
	ofKey := make(map[assignment.Key]int, len(items))
	for _, i := range items {
		a, round := &inputs[i].Row, 0
		if last, shared := ofKey[a.Key]; shared {
			round = max(1, last)
		}
		if before, shared := latest[a.ID]; shared && a.ID != "" {
			if a.SameRequest(inputs[before].Row) {
				duplicates[i] = before
				continue
			}
			round = max(round, roundOf[before]+1)
		}
		latest[a.ID], ofKey[a.Key], roundOf[i] = i, round, round
		if round == len(rounds) {
			rounds = append(rounds, nil)
		}
		rounds[round] = append(rounds[round], i)
	}
	for _, round := range rounds { // items of one key stay in order
		slices.SortStableFunc(round, func(i, j int) int { return compareKeys(&inputs[i].Row.Key, &inputs[j].Row.Key) })
	}
	return rounds, duplicates
}

// compareKeys is the order of the rows in a statement, whatever that of the caller:
// batches that take slots in different orders would deadlock.
func compareKeys(a, b *assignment.Key) int {
	return cmp.Or(strings.Compare(a.AssigneeID, b.AssigneeID), strings.Compare(a.SubjectID, b.SubjectID))
}
