package engine

import (
	"maps"
	"slices"
	"testing"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/sqlgen"
)

// inputOf is a row for the assignee. The request is what its content comes down to.
func inputOf(id assignment.ID, assignee, request string) sqlgen.Input {
	key := assignment.Key{AssigneeID: assignee, SubjectID: "subject"}
	return sqlgen.Input{Row: assignment.Assignment{ID: id, Key: key, Request: request}}
}

func TestArrange(t *testing.T) {
	for name, test := range map[string]struct {
		inputs     []sqlgen.Input
		rejected   int // so many of the first are in no round
		rounds     [][]int
		duplicates map[int]int
	}{
		"nothing takes no round": {},
		"one round is sorted by key": {
			inputs: []sqlgen.Input{inputOf("1", "c", ""), inputOf("2", "a", ""), inputOf("3", "b", "")},
			rounds: [][]int{{1, 2, 0}},
		},
		"rejected items are left out": {
			inputs:   []sqlgen.Input{inputOf("1", "a", ""), inputOf("1", "a", "x"), inputOf("2", "b", "")},
			rejected: 1, rounds: [][]int{{1, 2}},
		},
		"items of one key share the second round, in their order": {
			inputs: []sqlgen.Input{inputOf("1", "b", ""), inputOf("4", "b", ""), inputOf("3", "b", ""), inputOf("2", "a", "")},
			rounds: [][]int{{3, 0}, {1, 2}},
		},
		"the same ID and content is a duplicate": {
			inputs:     []sqlgen.Input{inputOf("1", "a", "x"), inputOf("1", "a", "x"), inputOf("1", "a", "x")},
			rounds:     [][]int{{0}},
			duplicates: map[int]int{1: 0, 2: 0},
		},
		"the same ID with other content takes a round each": {
			inputs: []sqlgen.Input{inputOf("1", "a", "x"), inputOf("1", "b", "y"), inputOf("1", "c", "z")},
			rounds: [][]int{{0}, {1}, {2}},
		},
		"a duplicate is one of the latest with its ID": {
			inputs:     []sqlgen.Input{inputOf("1", "a", "x"), inputOf("1", "b", "y"), inputOf("1", "b", "y")},
			rounds:     [][]int{{0}, {1}},
			duplicates: map[int]int{2: 1},
		},
		"an item goes after both its ID and its key": {
			inputs: []sqlgen.Input{inputOf("1", "a", "x"), inputOf("1", "b", "y"), inputOf("2", "b", "x"), inputOf("2", "c", "y")},
			rounds: [][]int{{0}, {1, 2}, {3}},
		},
		"IDs that the database makes are never the same": {
			inputs: []sqlgen.Input{inputOf("", "a", ""), inputOf("", "b", "")},
			rounds: [][]int{{0, 1}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			var items []int
			for i := test.rejected; i < len(test.inputs); i++ {
				items = append(items, i)
			}
			rounds, duplicates := arrange(test.inputs, items)
			if !slices.EqualFunc(rounds, test.rounds, slices.Equal) {
				t.Errorf("rounds %v, want %v", rounds, test.rounds)
			}
			if !maps.Equal(duplicates, test.duplicates) {
				t.Errorf("duplicates %v, want %v", duplicates, test.duplicates)
			}
		})
	}
}

func TestCompareKeys(t *testing.T) {
	sorted := []assignment.Key{{}, {SubjectID: "b"}, {AssigneeID: "a"}, {AssigneeID: "a", SubjectID: "b"}, {AssigneeID: "b", SubjectID: "a"}}
	for i := range sorted {
		for j := range sorted {
			if n := compareKeys(&sorted[i], &sorted[j]); (n < 0) != (i < j) || (n == 0) != (i == j) {
				t.Errorf("%v and %v: got %d", sorted[i], sorted[j], n)
			}
		}
	}
}
