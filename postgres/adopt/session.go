package adopt

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/assignment-go/assignment"
)

// lockSpace is added to the table's OID to make the key of the session lock.
// It is arbitrary and must never change.
const lockSpace = 4_118_055_237_094_113_280

// pollInterval is the pause between two checks of a wait.
const pollInterval = 100 * time.Millisecond

// session is one connection, with its own settings, that works on one table.
type session struct {
	*settings
	pool *pgxpool.Pool
	conn *pgxpool.Conn
	t    *table

	preventing bool // the temporary index has been built

	pid    uint32 // the server process of the session
	mark   string // a setting that only this session has
	direct bool   // there is no pooler in between
}

// begin acquires a connection, inspects the table, and waits until no other run of
// this package works on it.
func begin(ctx context.Context, pool *pgxpool.Pool, opts *Options) (*session, error) {
	resolved, err := opts.resolve()
	if err != nil {
		return nil, err
	}
	conn, err := acquire(ctx, pool)
	if err != nil {
		return nil, err
	}
	s := &session{settings: resolved, pool: pool, conn: conn}
	if err := s.prepare(ctx); err != nil {
		s.close() //nolint:contextcheck // the connection is closed even when the context has ended
		return nil, classify(ctx, err)
	}
	return s, nil
}

func (s *session) prepare(ctx context.Context) error {
	if err := s.detectPooler(ctx); err != nil {
		return err
	}
	// A build may outlive statement_timeout, times are read as UTC, and without
	// row_security the server raises an error instead of hiding rows.
	if _, err := s.conn.Exec(ctx, "SET statement_timeout = 0; SET TimeZone = 'UTC'; SET row_security = off"); err != nil {
		return err
	}
	// Without it the server would finish the index build of a client that was
	// killed, and hold the session lock all the time. Not every platform supports it.
	if _, err := s.conn.Exec(ctx, "SET client_connection_check_interval = '500ms'"); err != nil && codeOf(err) == "" {
		return err
	}
	var err error
	if s.t, err = inspect(ctx, s.conn, s.settings); err != nil {
		return err
	}
	return s.lock(ctx)
}

// lock serialises the runs of this package on the table. The lock ends with the
// session.
func (s *session) lock(ctx context.Context) error {
	return s.await(ctx, func() (string, error) {
		var got bool
		err := s.conn.QueryRow(ctx, "SELECT pg_try_advisory_lock($1::bigint)", int64(lockSpace)+int64(s.t.Catalog.OID)).Scan(&got)
		if got || err != nil {
			return "", err
		}
		return "another repair or guard of this table is running", nil
	})
}

// await polls until the reason to wait is empty, at most for WaitTimeout.
func (s *session) await(ctx context.Context, reason func() (string, error)) error {
	deadline := time.Now().Add(s.WaitTimeout)
	for {
		why, err := reason()
		if why == "" || err != nil {
			return err
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%w: waited %v, but %s", assignment.ErrContended, s.WaitTimeout, why)
		}
		if err := sleep(ctx, pollInterval); err != nil {
			return err
		}
	}
}

// close closes the connection, so that its settings don't return to the pool.
func (s *session) close() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = s.conn.Conn().Close(ctx) // its user has reported what failed
	s.conn.Release()
}

// exec runs statements that may wait for locks up to the limit, in one transaction
// when there are several.
func (s *session) exec(ctx context.Context, limit time.Duration, statements ...string) error {
	if _, err := s.conn.Exec(ctx, setLockTimeout("", limit)); err != nil {
		return err
	}
	if len(statements) == 1 {
		_, err := s.conn.Exec(ctx, statements[0])
		return err
	}
	return pgx.BeginFunc(ctx, s.conn, func(tx pgx.Tx) error {
		for _, statement := range statements {
			if _, err := tx.Exec(ctx, statement); err != nil {
				return err
			}
		}
		return nil
	})
}

func setLockTimeout(scope string, limit time.Duration) string {
	return fmt.Sprintf("SET %s lock_timeout = %d", scope, limit.Milliseconds())
}

// backoff is the pause before the n-th repetition. It grows, so that the holder of
// the lock can finish, but is bounded.
func backoff(n int) time.Duration {
	return min(time.Duration(n)*50*time.Millisecond, time.Second)
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
