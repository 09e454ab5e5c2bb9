package race

import (
	"context"

	"github.com/assignment-go/assignment/bench/internal/result"
	"github.com/assignment-go/assignment/bench/internal/stage"
)

// state is the state of a table and the server while no calls are running.
type state struct {
	count     stage.Count
	deadlocks int64
}

func takeState(ctx context.Context, s *stage.Stage, table string) (state, error) {
	count, err := s.Count(ctx, table)
	if err != nil {
		return state{}, err
	}
	deadlocks, err := s.Deadlocks(ctx)
	return state{count, deadlocks}, err
}

// audit compares the changes of the table since then with what the calls reported.
func (before state) audit(ctx context.Context, s *stage.Stage, table string, sample *result.Sample) error {
	after, err := takeState(ctx, s, table)
	if err != nil {
		return err
	}
	t := &sample.Tally
	t.Deadlocks = after.deadlocks - before.deadlocks
	t.Duplicates = after.count.Duplicates - before.count.Duplicates
	t.Unaccounted = after.count.Rows - before.count.Rows - t.Created
	return nil
}
