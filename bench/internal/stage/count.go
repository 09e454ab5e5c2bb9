package stage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Count counts the active rows of a table; all callers create active rows.
type Count struct {
	// Rows is the number of active rows.
	Rows int64
	// Duplicates is the number of active rows besides the first of their key.
	Duplicates int64
}

// Count counts the active rows of a table. Nothing may write to it meanwhile.
func (s *Stage) Count(ctx context.Context, table string) (Count, error) {
	groups := fmt.Sprintf("SELECT count(*) AS n FROM %s WHERE %s GROUP BY assignee_id, subject_id", s.quoted(table), Active)
	if table == RiverJobs {
		groups = "SELECT count(*) AS n FROM " + s.quoted(table) + " GROUP BY args->>'assignee_id', args->>'subject_id'"
	}
	var c Count
	err := s.control.QueryRow(ctx,
		"SELECT coalesce(sum(n), 0)::bigint, coalesce(sum(n - 1), 0)::bigint FROM ("+groups+") AS keys").Scan(&c.Rows, &c.Duplicates)
	if err != nil {
		return Count{}, fmt.Errorf("count %s: %w", table, err)
	}
	return c, nil
}

// Deadlocks returns how many deadlocks the server has counted in this database so
// far, whatever caused them.
func (s *Stage) Deadlocks(ctx context.Context) (int64, error) {
	if err := s.flushStatistics(ctx); err != nil {
		return 0, err
	}
	var n int64
	err := s.control.QueryRow(ctx, "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()").Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("read pg_stat_database: %w", err)
	}
	return n, nil
}

// flushStatistics makes every session report its statistics now instead of seconds
// later. Servers before version 15 can't do that.
func (s *Stage) flushStatistics(ctx context.Context) error {
	const flush = "SELECT pg_stat_force_next_flush()"
	pools := []func(context.Context) (release func(), err error){
		func(ctx context.Context) (func(), error) { return onPgx(ctx, s.Pgx, flush) },
		func(ctx context.Context) (func(), error) { return onSQL(ctx, s.PQ, flush) },
		func(ctx context.Context) (func(), error) { return onSQL(ctx, s.Stdlib, flush) },
	}
	for _, run := range pools {
		err := s.onEvery(ctx, run)
		if report, ok := errors.AsType[*pgconn.PgError](err); ok && report.Code == "42883" {
			return nil
		}
		if err != nil {
			return fmt.Errorf("flush statistics: %w", err)
		}
	}
	return nil
}

// onEvery acquires all connections of a pool at once, so that it runs on each of
// them.
func (s *Stage) onEvery(ctx context.Context, run func(context.Context) (func(), error)) error {
	var (
		wg       sync.WaitGroup
		releases = make([]func(), s.Callers)
		errs     = make([]error, s.Callers)
	)
	for i := range s.Callers {
		wg.Go(func() { releases[i], errs[i] = run(ctx) })
	}
	wg.Wait()
	for _, release := range releases {
		if release != nil {
			release()
		}
	}
	return errors.Join(errs...)
}

func onPgx(ctx context.Context, pool *pgxpool.Pool, statement string) (release func(), err error) {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return nil, err
	}
	_, err = conn.Exec(ctx, statement)
	return conn.Release, err
}

func onSQL(ctx context.Context, db *sql.DB, statement string) (release func(), err error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	_, err = conn.ExecContext(ctx, statement)
	return func() { conn.Close() }, err //nolint:errcheck,gosec // it returns to the pool
}
