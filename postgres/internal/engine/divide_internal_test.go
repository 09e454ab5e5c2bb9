package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/pgdb"
	"github.com/assignment-go/assignment/postgres/internal/sqlgen"
)

func TestHalves(t *testing.T) {
	for name, test := range map[string]struct {
		items []int
		want  [][]int
	}{
		"two":  {[]int{1, 2}, [][]int{{1}, {2}}},
		"five": {[]int{1, 2, 3, 4, 5}, [][]int{{1, 2, 3}, {4, 5}}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := slices.Collect(halves(test.items)); !slices.EqualFunc(got, test.want, slices.Equal) {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

// TestMayConcernRows is which failures divide a batch: the first column is what the
// call ended with, the second why its last statement failed.
func TestMayConcernRows(t *testing.T) {
	e := &Engine{db: &testDB{}}
	plain := errors.New("of the call")
	for name, test := range map[string]struct {
		err, cause error
		want       bool
	}{
		"none":                            {nil, nil, false},
		"a row needs its own statement":   {errDivide, nil, true},
		"that, after a lost reply":        {unknown("a", errDivide), errNetwork, true},
		"statements that saw no holder":   {plain, nil, true},
		"that, after a lost reply, too":   {unknown("a", plain), nil, true},
		"a statement undone by a trigger": {plain, &undoneError{event: sqlgen.OnInsert}, true},
		"a check":                         {plain, reportError{Code: "23514"}, true},
		"an exception of the host's":      {plain, reportError{Code: "P0001"}, true},
		"a missing table":                 {plain, reportError{Code: "42P01"}, false},
		"a lost connection":               {plain, errNetwork, false},
		"a lost reply":                    {unknown("a", plain), reportError{Code: "23514"}, false},
		"a broken transaction":            {assignment.ErrRetryTransaction, reportError{Code: "40001"}, false},
		"what was never sent":             {plain, pgdb.NotSent(errNetwork), false},
	} {
		t.Run(name, func(t *testing.T) {
			c := &call{failure: e.classify(test.cause)}
			if got := c.mayConcernRows(t.Context(), test.err); got != test.want {
				t.Errorf("got %t, want %t", got, test.want)
			}
		})
	}
	t.Run("not after the context has ended", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		c := &call{failure: e.classify(reportError{Code: "23514"})}
		if c.mayConcernRows(ctx, plain) {
			t.Error("a cancelled call goes on")
		}
	})
}

func TestIsOfRow(t *testing.T) {
	e := &Engine{db: &testDB{}}
	for err, want := range map[error]bool{
		reportError{Code: "23505"}:                  true,
		reportError{Code: "23514"}:                  true,
		&undoneError{event: sqlgen.OnInsert}:        true,
		reportError{Code: "40001"}:                  false,
		reportError{Code: "42P01"}:                  false,
		reportError{Code: "57P01", Fatal: true}:     false,
		errNetwork:                                  false,
		errUndo:                                     false,
		fmt.Errorf("network: %w", context.Canceled): false,
	} {
		t.Run(err.Error(), func(t *testing.T) {
			if got := e.classify(err).isOfRow(t.Context()); got != want {
				t.Errorf("got %t, want %t", got, want)
			}
		})
	}
}
