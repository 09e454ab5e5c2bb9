package pgdb

import (
	"context"
	"reflect"

	"github.com/assignment-go/assignment"
)

// PooledConn is a connection that was taken out of a pool.
type PooledConn interface {
	Querier
	// Release gives the connection back to its pool.
	Release()
}

// Pool is what the handles on a pool have in common: it takes a connection out of
// the pool for each statement. That is done explicitly since a failure to get a
// connection is certain to have sent nothing.
type Pool struct {
	// Acquire takes a connection out of the pool.
	Acquire func(context.Context) (PooledConn, error)
}

// Rows implements [Querier].
func (p Pool) Rows(ctx context.Context, sql string, args ...any) ([]Row, error) {
	conn, err := p.Acquire(ctx)
	if err != nil {
		return nil, NotSent(err)
	}
	defer conn.Release()
	return conn.Rows(ctx, sql, args...)
}

// Text implements [Querier].
func (p Pool) Text(ctx context.Context, sql string, args ...any) (string, error) {
	conn, err := p.Acquire(ctx)
	if err != nil {
		return "", NotSent(err)
	}
	defer conn.Release()
	return conn.Text(ctx, sql, args...)
}

// Insert implements [Querier].
func (p Pool) Insert(ctx context.Context, sql string, args ...any) (bool, error) {
	conn, err := p.Acquire(ctx)
	if err != nil {
		return false, NotSent(err)
	}
	defer conn.Release()
	return conn.Insert(ctx, sql, args...)
}

// Exec implements [Querier].
func (p Pool) Exec(ctx context.Context, sql string, args ...any) error {
	return p.Hold(ctx, func(q Querier) error { return q.Exec(ctx, sql, args...) })
}

// Hold implements [DB].
func (p Pool) Hold(ctx context.Context, fn func(Querier) error) error {
	conn, err := p.Acquire(ctx)
	if err != nil {
		return NotSent(err)
	}
	defer conn.Release()
	return fn(conn)
}

// Joined implements [DB].
func (Pool) Joined() bool { return false }

// Pooled implements [DB].
func (Pool) Pooled() bool { return true }

// Connection implements [DB].
func (Pool) Connection() any { return nil }

// CheckHandle rejects a handle that is nil, also a nil pointer in an interface.
func CheckHandle(name string, handle any) error {
	if v := reflect.ValueOf(handle); handle == nil || v.Kind() == reflect.Pointer && v.IsNil() {
		return &assignment.InvalidError{Field: name, Reason: "is nil"}
	}
	return nil
}
