package databasesql

import (
	"context"
	"database/sql"

	"github.com/assignment-go/assignment/postgres/internal/pgdb"
)

// Pool is a *sql.DB or *sqlx.DB, or a type that embeds one. The store runs everything
// on what these two methods return, so that a type can replace them.
type Pool interface {
	// Conn takes a connection out of the pool, for one statement.
	Conn(ctx context.Context) (*sql.Conn, error)
	// BeginTx begins a transaction on a connection of the pool.
	BeginTx(ctx context.Context, opts *sql.TxOptions) (*sql.Tx, error)
}

type poolHandle struct {
	pgdb.Pool
	pool Pool
}

// newPoolHandle takes a connection for each statement. On a *sql.DB, database/sql
// sends a statement again by itself when the driver calls the connection bad, which
// lib/pq also does after the reply was lost; on a *sql.Conn it never does.
func newPoolHandle(pool Pool) poolHandle {
	return poolHandle{pool: pool, Pool: pgdb.Pool{Acquire: func(ctx context.Context) (pgdb.PooledConn, error) {
		conn, err := pool.Conn(ctx)
		if err != nil {
			return nil, err
		}
		return pooledConn{onConn(conn)}, nil
	}}}
}

func (h poolHandle) Begin(ctx context.Context) (pgdb.Tx, error) { return begin(ctx, h.pool) }

func (poolHandle) Describe(err error) (pgdb.ServerError, bool) { return describe(err) }

type pooledConn struct{ querier }

// Release leaves it to the pool what becomes of the connection: the reply has been
// read by then.
func (c pooledConn) Release() { _ = c.conn.Close() }
