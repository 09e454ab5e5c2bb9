package strategy

import (
	"context"
	"errors"

	"github.com/jmoiron/sqlx"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/bench/internal/stage"
	"github.com/assignment-go/assignment/postgres"
	"github.com/assignment-go/assignment/postgres/databasesql"
	"github.com/assignment-go/assignment/postgres/schema"
)

// service calls the SDK as a host does.
type service struct{ *assignment.Service }

// Create implements [Creator].
func (s service) Create(ctx context.Context, r Request) (Outcome, error) {
	_, err := s.Service.Create(ctx, params(r))
	if errors.Is(err, assignment.ErrActiveExists) {
		return Outcome{}, nil
	}
	return Outcome{Created: err == nil}, err
}

func params(r Request) assignment.CreateParams {
	return assignment.CreateParams{
		Key:        assignment.Key{AssigneeID: r.AssigneeID, SubjectID: r.SubjectID},
		AssignedBy: r.AssignedBy,
		AccountID:  r.AccountID,
		DueAt:      r.DueAt,
	}
}

func openPgx(ctx context.Context, s *stage.Stage, table string) (Creator, error) {
	return onPgx(ctx, s, &postgres.Options{Table: &schema.Table{Name: table}})
}

func openCoalesced(ctx context.Context, s *stage.Stage, table string) (Creator, error) {
	return onPgx(ctx, s, &postgres.Options{Table: &schema.Table{Name: table}, Coalesce: true})
}

func onPgx(ctx context.Context, s *stage.Stage, opts *postgres.Options) (service, error) {
	store, err := postgres.New(ctx, s.Pgx, opts)
	if err != nil {
		return service{}, err
	}
	svc, err := assignment.NewService(store, nil)
	return service{svc}, err
}

func openPQ(ctx context.Context, s *stage.Stage, table string) (Creator, error) {
	return onSQL(ctx, s.PQ, table)
}

func openSqlxPQ(ctx context.Context, s *stage.Stage, table string) (Creator, error) {
	return onSQL(ctx, sqlx.NewDb(s.PQ, "postgres"), table)
}

func openSqlxPgx(ctx context.Context, s *stage.Stage, table string) (Creator, error) {
	return onSQL(ctx, sqlx.NewDb(s.Stdlib, "pgx"), table)
}

func onSQL(ctx context.Context, db databasesql.Pool, table string) (service, error) {
	store, err := databasesql.New(ctx, db, &databasesql.Options{Table: &schema.Table{Name: table}})
	if err != nil {
		return service{}, err
	}
	svc, err := assignment.NewService(store, nil)
	return service{svc}, err
}
