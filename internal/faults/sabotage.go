package faults

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	// terminateEvery and rebuildEvery leave the callers time to get something done.
	terminateEvery = 4 * time.Millisecond
	rebuildEvery   = time.Millisecond
)

// TerminateBackends repeatedly terminates a backend of the callers, preferably a
// busy one.
func TerminateBackends(dsn string) func(context.Context, string) error {
	return func(ctx context.Context, application string) error {
		const sql = `
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE application_name = $1 AND (state = 'active' OR random() < 0.2)
ORDER BY random() LIMIT 1`
		return repeatedly(ctx, dsn, terminateEvery, func(conn *pgx.Conn) error {
			_, err := conn.Exec(ctx, sql, application)
			return err
		})
	}
}

// RebuildIndexes repeatedly rebuilds the indexes of the table, including the
// guard, without blocking writers.
func RebuildIndexes(dsn string) func(context.Context, string) error {
	return func(ctx context.Context, _ string) error {
		return repeatedly(ctx, dsn, rebuildEvery, func(conn *pgx.Conn) error {
			_, err := conn.Exec(ctx, "REINDEX TABLE CONCURRENTLY assignments")
			return err
		})
	}
}

// repeatedly calls do on one connection until the context ends.
func repeatedly(ctx context.Context, dsn string, every time.Duration, do func(*pgx.Conn) error) error {
	conn, err := connect(ctx, dsn)
	if err != nil {
		return ignoreEnd(ctx, err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	for ctx.Err() == nil {
		if err := do(conn); err != nil {
			return ignoreEnd(ctx, err)
		}
		pause(ctx, every)
	}
	return nil
}

// ignoreEnd drops errors that the end of the run causes.
func ignoreEnd(ctx context.Context, err error) error {
	if ctx.Err() == nil {
		return err
	}
	return nil
}
