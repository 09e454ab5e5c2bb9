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

func openCheck(ctx context.Context, s *stage.Stage, table string) (Creator, error) {
	prepared, err := prepareSteps(ctx, s, table)
	return &check{prepared, s.Pgx}, err
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

func openTransaction(ctx context.Context, s *stage.Stage, table string) (Creator, error) {
	prepared, err := prepareSteps(ctx, s, table)
	return &transaction{prepared, s.Pgx}, err
}

// Create implements [Creator].
func (t *transaction) Create(ctx context.Context, r Request) (answer Answer, err error) {
	err = pgx.BeginTxFunc(ctx, t.pool, pgx.TxOptions{IsoLevel: pgx.ReadCommitted}, func(tx pgx.Tx) error {
		answer, err = t.checkThenCreate(ctx, tx, r)
		return err
	})
	return answer, err
}
