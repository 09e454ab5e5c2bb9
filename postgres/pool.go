package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/pgdb"
)

// Pool is a *pgxpool.Pool, or a type that embeds one. The store runs everything on
// what these two methods return, so that a type can replace them.
type Pool interface {
	// Acquire takes a connection out of the pool, for one statement.
	Acquire(ctx context.Context) (*pgxpool.Conn, error)
	// Begin begins a transaction on a connection of the pool.
	Begin(ctx context.Context) (pgx.Tx, error)
}

type poolHandle struct {
	pgdb.Pool
	pool Pool
}

func newPoolHandle(pool Pool) poolHandle {
	return poolHandle{pool: pool, Pool: pgdb.Pool{Acquire: func(ctx context.Context) (pgdb.PooledConn, error) {
		conn, err := pool.Acquire(ctx)
		if err != nil {
			return nil, err
		}
		return pooledConn{querier{conn, cachedMode(conn.Conn())}, conn}, nil
	}}}
}

func (h poolHandle) Begin(ctx context.Context) (pgdb.Tx, error) {
	tx, err := h.pool.Begin(ctx)
	if err != nil {
		return nil, pgdb.NotSent(err) // an empty transaction has no effect
	}
	return newTx(tx), nil
}

func (poolHandle) Describe(err error) (pgdb.ServerError, bool) { return describe(err) }

type pooledConn struct {
	querier
	conn *pgxpool.Conn
}

func (c pooledConn) Release() { c.conn.Release() }

// checkCoalesce rejects a pool on which a session may depend on the context of a
// call.
func checkCoalesce(db Pool) error {
	pool, ok := db.(*pgxpool.Pool)
	if !ok {
		return notCoalesced("is for a *pgxpool.Pool itself: a type around one may prepare the session for the context of a call")
	}
	if hook := sessionHook(pool); hook != "" {
		return notCoalesced("can't be had on a pool with " + hook +
			": it may put something of the context of one call, such as a tenant, into the session in which other calls run")
	}
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
