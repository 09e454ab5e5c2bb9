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

// probes is how often a second session looks whether it can get the server
// process of the first.
const probes = 10

// errPooledByTransaction is what Repair and Guard answer to a pooler that gives the
// server process to somebody else between two statements. Settings, temporary
// tables and session locks are then lost, or meet strangers, and an index build
// may end without anybody being told.
var errPooledByTransaction = &assignment.InvalidError{
	Field: "pool",
	Reason: "leads through a transaction pooler, which gives the server's session to others between " +
		"two statements; connect to the primary itself, or through a session pooler",
}

// detectPooler looks for a transaction pooler in front of the server. PostgreSQL tells
// each client the process that serves it; whoever hears of another one than
// the process itself names talks to something in between. That may be a session
// pooler, which does no harm, so a setting is left in the session and a second
// one looks whether it can see it.
func (s *session) detectPooler(ctx context.Context) error {
	// exec mode: prepared statements would be lost as well
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
		return nil // no second session to be had: what comes is verified step by step
	}
	defer release()
	for range probes {
		if seen, err := markSeen(ctx, other, mark); seen || codeOf(err) != "" { // statement pooling refuses BEGIN
			return errPooledByTransaction
		}
		if err := s.sameSession(ctx); err != nil {
			return err
		}
	}
	return nil
}

// markSeen holds a server process, as a transaction does, and looks whether it
// is the one that has the mark.
func markSeen(ctx context.Context, conn *pgx.Conn, mark string) (seen bool, err error) {
	tx, err := conn.Begin(ctx)
	if err != nil {
		return false, err
	}
	err = tx.QueryRow(ctx, "SELECT COALESCE(current_setting('assignment.session', true), '') = '"+mark+"'",
		pgx.QueryExecModeExec).Scan(&seen)
	return seen, errors.Join(err, tx.Rollback(ctx))
}

// second is another connection of the same kind.
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

// sameSession makes sure that the statement before still ran where the mark is.
func (s *session) sameSession(ctx context.Context) error {
	if s.direct {
		return nil
	}
	var same bool
	query := fmt.Sprintf("SELECT pg_backend_pid() = %d AND COALESCE(current_setting('assignment.session', true), '') = '%s'",
		s.pid, s.mark)
	err := s.conn.QueryRow(ctx, query, pgx.QueryExecModeExec).Scan(&same)
	if err == nil && !same {
		return errPooledByTransaction
	}
	return err
}

// wantBuilt makes sure that a build that was reported as done left an index
// that works: behind some poolers it returns without one.
func (s *session) wantBuilt(ctx context.Context, t schema.Table, name string) error {
	built, err := usable(ctx, inspector{s.conn}, t, name)
	if err != nil || built {
		return err
	}
	if err := s.sameSession(ctx); err != nil {
		return err
	}
	return fmt.Errorf("%w: the build of index %s was reported as done, but there is no such valid index: "+
		"somebody dropped it, or a pooler between here and the server ended the build", assignment.ErrUnavailable, name)
}
