package adopt

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// snapshot runs fn in a transaction that sees one moment and can't write.
func snapshot(ctx context.Context, pool *pgxpool.Pool, fn func(pgx.Tx) error) error {
	conn, err := acquire(ctx, pool)
	if err != nil {
		return err
	}
	defer conn.Release()
	mode := pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
	return classify(ctx, pgx.BeginTxFunc(ctx, conn, mode, func(tx pgx.Tx) error {
		// the casts of times without zone depend on TimeZone; without row_security the
		// server raises an error instead of hiding rows
		if _, err := tx.Exec(ctx, "SET LOCAL TimeZone = 'UTC'; SET LOCAL row_security = off"); err != nil {
			return err
		}
		return fn(tx)
	}))
}

func acquire(ctx context.Context, pool *pgxpool.Pool) (*pgxpool.Conn, error) {
	if pool == nil {
		return nil, invalid("pool", "is nil")
	}
	conn, err := pool.Acquire(ctx)
	return conn, classify(ctx, err)
}
