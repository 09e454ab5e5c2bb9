package strategy

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/assignment-go/assignment/bench/internal/stage"
)

// check is the plain check-then-create: two statements with a gap between them.
type check struct {
	steps

	pool *pgxpool.Pool
}

func openCheck(ctx context.Context, s *stage.Stage, table string) (Creator, error) {
	prepared, err := prepareSteps(ctx, s, table)
	return &check{prepared, s.Pgx}, err
}

// Create implements [Creator].
func (c *check) Create(ctx context.Context, r Request) (Outcome, error) {
	return c.checkThenCreate(ctx, c.pool, r)
}

// transaction runs the two statements in one transaction. That does not help under
// READ COMMITTED: neither caller sees the uncommitted row of the other.
type transaction struct {
	steps

	pool *pgxpool.Pool
}

func openTransaction(ctx context.Context, s *stage.Stage, table string) (Creator, error) {
	prepared, err := prepareSteps(ctx, s, table)
	return &transaction{prepared, s.Pgx}, err
}

// Create implements [Creator].
func (t *transaction) Create(ctx context.Context, r Request) (outcome Outcome, err error) {
	err = pgx.BeginTxFunc(ctx, t.pool, pgx.TxOptions{IsoLevel: pgx.ReadCommitted}, func(tx pgx.Tx) error {
		outcome, err = t.checkThenCreate(ctx, tx, r)
		return err
	})
	return outcome, err
}
