package adopt

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/schema"
)

// probes is how often a second session checks whether it gets the server process of
// the first.
const probes = 10

// errTransactionPooler is the error of Repair and Guard behind a pooler that gives the
// server process to another client between two statements. Settings and session locks
// are then lost, or affect that client, and an index build may end without an error.
var errTransactionPooler = &assignment.InvalidError{
	Field: "pool",
	Reason: "goes through a transaction pooler, which may give the server session to another client between " +
		"two statements; connect to the primary directly, or through a session pooler",
}

// detectPooler detects a transaction pooler in front of the server. At connect time
// PostgreSQL reports the process that serves the client; if the process itself
// reports another ID, something is in between. That may be a session pooler, which
// does no harm, so a setting is left in the session, and a second session checks
// whether it sees that.
func (s *session) detectPooler(ctx context.Context) error {
	// exec mode: prepared statements would be lost, too
	var pid uint32
	mark := uuid.NewString()
	err := s.conn.QueryRow(ctx, "SELECT pg_backend_pid(), set_config('assignment.session', '"+mark+"', false)",
		pgx.QueryExecModeExec).Scan(&pid, nil)
	if err != nil {
		return err
	}
	s.pid, s.mark = pid, mark
	if s.direct = pid == s.conn.Conn().PgConn().PID(); s.direct {
		return nil
	}
	other, release, err := s.second(ctx)
	if err != nil {
		return nil // no second session is available: every step verifies the session
	}
	defer release()
	for range probes {
		if seen, err := markSeen(ctx, other, mark); seen || codeOf(err) != "" { // statement pooling rejects BEGIN
			return errTransactionPooler
		}
		if err := s.sameSession(ctx); err != nil {
			return err
		}
	}
	return nil
}

// markSeen occupies a server process, as a transaction does, and reports whether that
// is the one with the mark.
func markSeen(ctx context.Context, conn *pgx.Conn, mark string) (seen bool, err error) {
	tx, err := conn.Begin(ctx)
	if err != nil {
		return false, err
	}
	err = tx.QueryRow(ctx, "SELECT COALESCE(current_setting('assignment.session', true), '') = '"+mark+"'",
		pgx.QueryExecModeExec).Scan(&seen)
	return seen, errors.Join(err, tx.Rollback(ctx))
}

// second returns another connection of the same kind.
func (s *session) second(ctx context.Context) (conn *pgx.Conn, release func(), err error) {
	config := s.pool.Config()
	if config.MaxConns > 1 {
		pooled, err := s.pool.Acquire(ctx)
		if err != nil {
			return nil, nil, err
		}
		return pooled.Conn(), pooled.Release, nil
	}
	conn, err = pgx.ConnectConfig(ctx, config.ConnConfig)
	if err != nil {
		return nil, nil, err
	}
	return conn, func() { _ = conn.Close(context.WithoutCancel(ctx)) }, nil
}

// sameSession verifies that the session is still the one with the mark.
func (s *session) sameSession(ctx context.Context) error {
	if s.direct {
		return nil
	}
	var same bool
	query := fmt.Sprintf("SELECT pg_backend_pid() = %d AND COALESCE(current_setting('assignment.session', true), '') = '%s'",
		s.pid, s.mark)
	err := s.conn.QueryRow(ctx, query, pgx.QueryExecModeExec).Scan(&same)
	if err == nil && !same {
		return errTransactionPooler
	}
	return err
}

// verifyBuilt verifies that a build which was reported as done left a usable index:
// behind some poolers it returns without one.
func (s *session) verifyBuilt(ctx context.Context, t schema.Table, name string) error {
	built, err := usable(ctx, inspector{s.conn}, t, name)
	if err != nil || built {
		return err
	}
	if err := s.sameSession(ctx); err != nil {
		return err
	}
	return fmt.Errorf("%w: the build of index %s was reported as done, but there is no such valid index: "+
		"another session dropped it, or a pooler in front of the server ended the build", assignment.ErrUnavailable, name)
}
