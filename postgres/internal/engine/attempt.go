package engine

import (
	"context"
	"errors"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/pgdb"
	"github.com/assignment-go/assignment/postgres/internal/sqlgen"
)

// attempt sends the operation once, and lets it find out why it failed. What it
// returns is either that the operation is resolved, or a failure, or neither: then
// the statements saw an outdated state.
func (e *Engine) attempt(ctx context.Context, c *call, op operation) (resolved bool, f *failure) {
	unlock, err := e.lockConnection(ctx)
	if err != nil {
		return false, e.classify(err)
	}
	defer unlock()
	c.InHost, c.Pooled, c.rejection = e.db.Joined(), e.db.Pooled(), nil
	tx, f := e.open(ctx, c, op.needs())
	switch {
	case f != nil:
	case tx == nil:
		resolved, err = op.send(ctx, e.db)
		f = e.classify(err)
	default:
		resolved, err = op.send(ctx, tx)
		f = e.end(ctx, c, tx, err)
	}
	if f == nil {
		return resolved, nil
	}
	return e.failed(ctx, c, op, f)
}

// failed lets the operation look into its failure. By then nothing remains of the
// attempt but what the failure says.
func (e *Engine) failed(ctx context.Context, c *call, op operation, f *failure) (resolved bool, _ *failure) {
	resolved, err := op.failed(ctx, f)
	switch {
	case err != nil:
		f = e.classify(err)
		if !c.InHost {
			f.rolledBack(connectionUnknown)
		}
		return false, f
	case resolved:
		return true, nil
	default:
		return false, f
	}
}

// lockConnection waits until no other call uses the single connection that the
// engine is on, which stores that know nothing of each other may share. Only the
// call that holds it can ask safely whose transaction is under way.
func (e *Engine) lockConnection(ctx context.Context) (unlock func(), err error) {
	connection := e.db.Connection()
	if connection == nil {
		return func() {}, nil
	}
	unlock, err = pgdb.LockConnection(ctx, connection)
	return unlock, pgdb.NotSent(err)
}

// open begins what the statements of an attempt need around them: a savepoint in
// a transaction of the host's, else nothing, or a transaction.
func (e *Engine) open(ctx context.Context, c *call, n needs) (pgdb.Tx, *failure) {
	if !c.InHost && !n.transaction && n.lock == "" {
		return nil, nil
	}
	tx, err := e.db.Begin(ctx)
	if err != nil {
		f := e.classify(err)
		if !c.InHost {
			f.rolledBack(connectionUnknown) // an empty transaction has no effect
		}
		return nil, f
	}
	if n.lock == "" {
		return tx, nil
	}
	if err := lockIDs(ctx, tx, c, n.lock); err != nil {
		return nil, e.end(ctx, c, tx, err)
	}
	return tx, nil
}

// end commits the transaction or savepoint of an attempt, or rolls it back after an
// error.
func (e *Engine) end(ctx context.Context, c *call, tx pgdb.Tx, err error) *failure {
	if err == nil {
		return e.classify(tx.Commit(ctx))
	}
	// should this fail for a transaction of the store's own, the server forgets that
	// with the connection
	rollbackErr := tx.Rollback(ctx)
	switch {
	case rollbackErr != nil && c.InHost:
		return brokenTransaction(err)
	case errors.Is(err, errUndo):
		return nil
	}
	f := e.classify(err)
	if rollbackErr != nil {
		f.rolledBack(connectionUnknown)
	} else {
		f.rolledBack(connectionAlive)
	}
	return f
}

// lockIDs makes all that use one of the IDs wait for each other, until the
// transaction ends. It must be a statement of its own: the next one then sees what
// the former owner of the lock has committed.
//
// A transaction of the store's own is made READ COMMITTED first, whatever the
// default of the session: under REPEATABLE READ its snapshot would be that of the
// lock, taken before the wait, and would never show what the former owner has
// committed. Both go in one round trip.
func lockIDs(ctx context.Context, q pgdb.Querier, c *call, ids ...assignment.ID) error {
	sql := sqlgen.LockIDs(ids...)
	if !c.InHost {
		sql = "SET TRANSACTION ISOLATION LEVEL READ COMMITTED; " + sql
	}
	return q.Exec(ctx, sql)
}
