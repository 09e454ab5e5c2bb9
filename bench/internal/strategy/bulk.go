package strategy

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/assignment-go/assignment/bench/internal/result"
	"github.com/assignment-go/assignment/bench/internal/stage"
	"github.com/assignment-go/assignment/postgres"
	"github.com/assignment-go/assignment/postgres/schema"
)

// Batcher creates many assignments whose keys are all new.
type Batcher interface {
	// CreateBatch returns how many rows it created.
	CreateBatch(ctx context.Context, batch []Request) (int64, error)
}

// Bulk is a way to create batches.
type Bulk struct {
	Name, Title string
	Class       result.Class
	Open        func(ctx context.Context, s *stage.Stage, table string) (Batcher, error)
}

// The names of the ways to create batches that the figures compare.
const (
	NameCopy = "copy"
	NameMany = "create-many"
	NameLoop = "loop"
)

// AllBulk returns all ways to create batches, in the order of the reports.
func AllBulk() []Bulk {
	return []Bulk{
		{Name: NameCopy, Title: "COPY, which a taken key would abort", Class: result.Floor, Open: openCopy},
		{Name: NameMany, Title: "Service.CreateMany, pgx", Class: result.SDK, Open: openMany},
		{Name: NameLoop, Title: "a loop of Service.Create, pgx", Class: result.SDK, Open: openLoop},
	}
}

// copying uses COPY, the fastest way to fill a table. It can't skip a taken key.
type copying struct {
	pool  *pgxpool.Pool
	table pgx.Identifier
}

func openCopy(_ context.Context, s *stage.Stage, table string) (Batcher, error) {
	return copying{pool: s.Pgx, table: pgx.Identifier{s.Schema, table}}, nil
}

// CreateBatch implements [Batcher].
func (c copying) CreateBatch(ctx context.Context, batch []Request) (int64, error) {
	columns := []string{
		"id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at",
		"created_at", "updated_at", "version",
	}
	at := now()
	return c.pool.CopyFrom(ctx, c.table, columns, pgx.CopyFromSlice(len(batch), func(i int) ([]any, error) {
		id, err := newID()
		r := batch[i]
		return []any{
			id, r.AssigneeID, r.SubjectID, "pending", r.AssignedBy, r.AccountID, r.DueAt, at, at, int64(1),
		}, err
	}))
}

// loop is what a host does without CreateMany.
type loop struct{ service }

func openLoop(ctx context.Context, s *stage.Stage, table string) (Batcher, error) {
	svc, err := onPgx(ctx, s, &postgres.Options{Table: &schema.Table{Name: table}})
	return loop{svc}, err
}

// CreateBatch implements [Batcher].
func (l loop) CreateBatch(ctx context.Context, batch []Request) (int64, error) {
	for i, r := range batch {
		if _, err := l.Service.Create(ctx, params(r)); err != nil {
			return int64(i), fmt.Errorf("item %d: %w", i, err)
		}
	}
	return int64(len(batch)), nil
}
