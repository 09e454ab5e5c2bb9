package postgres

import (
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/engine"
)

// coalesce turns coalescing on, or says why it can't be had on db.
func (s *Store) coalesce(db DB) error {
	pool, ok := db.(*pgxpool.Pool)
	if !ok {
		return notCoalesced("is for a *pgxpool.Pool: other handles are one connection, on which calls follow each other")
	}
	if hook := sessionHook(pool); hook != "" {
		return notCoalesced("can't be had on a pool with " + hook +
			": it may put something of the context of one call, such as a tenant, into the session on which others are answered")
	}
	s.engine.Coalesce(engine.CoalesceBounds())
	return nil
}

func notCoalesced(reason string) error {
	return &assignment.InvalidError{Field: "Coalesce", Reason: reason}
}

// sessionHook names what sees the connection and the context of a call before the
// store does; empty when the pool has nothing of the kind.
func sessionHook(pool *pgxpool.Pool) string {
	config := pool.Config()
	if config.PrepareConn != nil {
		return "PrepareConn"
	}
	if config.BeforeAcquire != nil { //nolint:staticcheck // deprecated, and in use
		return "BeforeAcquire"
	}
	if _, traces := config.ConnConfig.Tracer.(pgxpool.AcquireTracer); traces {
		return "a tracer that is a pgxpool.AcquireTracer"
	}
	return ""
}
