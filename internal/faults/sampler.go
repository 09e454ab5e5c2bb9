package faults

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// sampleEvery is how often samples are taken.
const sampleEvery = 5 * time.Millisecond

// sample checks for keys with two active rows until the context ends, and returns
// how many samples it took. The server may be down at times.
func sample(ctx context.Context, dsn string, ledger *Ledger) int {
	samples := 0
	for ctx.Err() == nil {
		conn, err := pgx.Connect(ctx, dsn)
		if err == nil {
			samples += sampleOn(ctx, conn, ledger)
			_ = conn.Close(context.WithoutCancel(ctx))
		}
		pause(ctx, sampleEvery)
	}
	return samples
}

// sampleOn takes samples until the connection or the context ends.
func sampleOn(ctx context.Context, conn *pgx.Conn, ledger *Ledger) int {
	const doubles = `
SELECT count(*) FROM (
  SELECT FROM assignments WHERE status NOT IN ('completed', 'cancelled')
  GROUP BY assignee_id, subject_id HAVING count(*) > 1) AS doubled`
	for samples := 0; ; samples++ {
		var n int
		if err := conn.QueryRow(ctx, doubles).Scan(&n); err != nil {
			return samples
		}
		if n > 0 {
			ledger.Violatef("I1: a sample found %d keys with two active rows", n)
		}
		pause(ctx, sampleEvery)
	}
}

// pause sleeps, at most until the context ends.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
