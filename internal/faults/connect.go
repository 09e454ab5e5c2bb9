package faults

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	// recoveryTimeout bounds how long a server may take to accept connections
	// again.
	recoveryTimeout = 2 * time.Minute
	// pollEvery is how often a condition is checked.
	pollEvery = 20 * time.Millisecond
)

// connect connects to a server that may be busy recovering.
func connect(ctx context.Context, dsn string) (*pgx.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, recoveryTimeout)
	defer cancel()
	for {
		conn, err := pgx.Connect(ctx, dsn)
		if err == nil || ctx.Err() != nil {
			return conn, err
		}
		pause(ctx, pollEvery)
	}
}

// awaitIdle waits until the application has no backend left on the server.
func awaitIdle(ctx context.Context, conn *pgx.Conn, application string) error {
	ctx, cancel := context.WithTimeout(ctx, recoveryTimeout)
	defer cancel()
	const sql = "SELECT count(*) FROM pg_stat_activity WHERE application_name = $1 AND pid <> pg_backend_pid()"
	for {
		var n int
		if err := conn.QueryRow(ctx, sql, application).Scan(&n); err != nil {
			return fmt.Errorf("wait for %d backends to end: %w", n, err)
		}
		if n == 0 {
			return nil
		}
		pause(ctx, pollEvery)
	}
}
