package strategy

import (
	"context"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/bench/internal/stage"
	"github.com/assignment-go/assignment/postgres"
	"github.com/assignment-go/assignment/postgres/schema"
)

// many uses Service.CreateMany.
type many struct{ service }

func openMany(ctx context.Context, s *stage.Stage, table string) (Batcher, error) {
	svc, err := onPgx(ctx, s, &postgres.Options{Table: &schema.Table{Name: table}})
	return many{svc}, err
}

// CreateBatch implements [Batcher].
func (m many) CreateBatch(ctx context.Context, batch []Request) (int64, error) {
	all := make([]assignment.CreateParams, len(batch))
	for i, r := range batch {
		all[i] = params(r)
	}
	results, err := m.CreateMany(ctx, all, nil)
	if err != nil {
		return 0, err
	}
	var created int64
	for _, r := range results {
		if r.Err == nil && r.Outcome == assignment.OutcomeCreated {
			created++
		}
	}
	return created, nil
}
