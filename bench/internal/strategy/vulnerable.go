package strategy

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/assignment-go/assignment/bench/internal/stage"
)

// check is the code of the incident: two statements, and a gap between them.
type check struct {
	steps

	pool *pgxpool.Pool
}

func openCheck(_ context.Context, s *stage.Stage, table string) (Creator, error) {
	return &check{stepsOn(table), s.Pgx}, nil
}

// Create implements [Creator].
func (c *check) Create(ctx context.Context, r Request) (Answer, error) {
	return c.checkThenCreate(ctx, c.pool, r)
}

// transaction puts the two statements into one, which changes nothing under
// READ COMMITTED: neither sees what the other has not committed.
type transaction struct {
	steps

	pool *pgxpool.Pool
}

func openTransaction(_ context.Context, s *stage.Stage, table string) (Creator, error) {
	return &transaction{stepsOn(table), s.Pgx}, nil
}

// Create implements [Creator].
func (t *transaction) Create(ctx context.Context, r Request) (answer Answer, err error) {
	err = pgx.BeginTxFunc(ctx, t.pool, pgx.TxOptions{IsoLevel: pgx.ReadCommitted}, func(tx pgx.Tx) error {
		answer, err = t.checkThenCreate(ctx, tx, r)
		return err
	})
	return answer, err
}
