package engine

import (
	"context"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/pgdb"
	"github.com/assignment-go/assignment/postgres/internal/retry"
	"github.com/assignment-go/assignment/postgres/internal/sqlgen"
)

// maxEmpty is how many statements may return nothing. The first can have missed
// a holder that was committed after its snapshot; the next one sees that holder, or
// that the slot is free again. When it returns nothing either, then something
// else keeps the row out.
const maxEmpty = 2

// form is which of its statements an insertion sends next.
type form int

const (
	formUsual form = iota
	formOne        // nothing but the insert, which returns no row
	formExact      // lets the server report what keeps the row out
)

// insertion is the operation of Create and Replace.
type insertion struct {
	call

	engine *Engine
	plan   *sqlgen.Statements
	sql    *sqlgen.InsertPair
	in     sqlgen.Input
	// retireTo is the status of a holder that is to be replaced; empty when a holder
	// is a conflict.
	retireTo assignment.Status

	result assignment.Result
	form   form
	// missed means that an insert without a lookup found the slot taken.
	missed bool
	// empty counts the statements that returned nothing.
	empty int
	// visibleHolders counts the violations of the guard whose holder can be seen.
	visibleHolders int
	// unnamed means that the last violation was of no index of the table.
	unnamed bool
}

func (e *Engine) newCreate(p *sqlgen.Statements) *insertion {
	return &insertion{engine: e, plan: p, sql: &p.Create, call: call{Attempts: retry.Attempts{Unrepeatable: p.DatabaseIDs}}}
}

// encode prepares the parameters of the new row.
func (i *insertion) encode(a *assignment.Assignment) error {
	err := i.plan.Encode(&i.in, a)
	i.id = i.in.Row.ID
	return err
}

// reply is what the call returns.
func (i *insertion) reply(err error) (assignment.Result, error) {
	if err != nil {
		return assignment.Result{}, err
	}
	return i.result, nil
}

func (i *insertion) needs() needs {
	n := needs{transaction: i.isTouchedAfter() || i.form == formExact && !i.sql.Lock.IsZero()}
	if !i.plan.DatabaseIDs && i.plan.IDNotUnique {
		n.lock = i.in.Row.ID
	}
	return n
}

func (i *insertion) send(ctx context.Context, q pgdb.Querier) (resolved bool, err error) {
	switch i.form {
	case formOne:
		insert := i.plan.InsertOne.Bind(&i.in)
		inserted, err := q.Insert(ctx, insert.SQL, insert.Args...)
		if err == nil && inserted {
			return i.resolveInserted(), nil
		}
		i.missed = err == nil
		i.form = formUsual
		return false, i.plan.InsertOne.WithHostValues(&i.in, err)
	case formExact:
		return i.sendExact(ctx, q)
	default:
		insert := i.sql.Usual.Bind(&i.in)
		rows, err := q.Rows(ctx, insert.SQL, insert.Args...)
		if err != nil {
			return false, i.sql.Usual.WithHostValues(&i.in, err)
		}
		if i.decide(rows) {
			return i.asCommitted(ctx, q)
		}
		i.returnedNothing()
		return false, nil
	}
}

func (i *insertion) returnedNothing() {
	i.empty++
	if i.empty >= maxEmpty {
		i.form = formExact
	}
}

// resolve keeps what the call returns.
func (i *insertion) resolve(r assignment.Result, rejection error) (resolved bool) {
	i.result, i.rejection = r, rejection
	return true
}

// resolveInserted is for statements that return no row: what was sent is stored.
func (i *insertion) resolveInserted() (resolved bool) {
	return i.resolve(createdResult(i.plan.AsStored(i.in.Row)), nil)
}

// decide reads the rows of a statement. None at all mean that the holder was not
// yet visible to its snapshot: the next statement will see it.
func (i *insertion) decide(rows []pgdb.Row) (resolved bool) {
	asked := &i.in.Row
	if existing := find(rows, pgdb.RowExisting); existing != nil {
		return i.resolve(replay(asked, existing))
	}
	if created := find(rows, pgdb.RowCreated); created != nil {
		return i.resolve(replaced(created, find(rows, pgdb.RowRetired)))
	}
	holder := find(rows, pgdb.RowHolder)
	switch {
	case holder == nil:
		return false
	case i.retireTo != "":
		return i.decideReplace(holder)
	case asked.ID != "" && holder.ID == pgdb.Text(asked.ID):
		return i.resolve(replay(asked, holder))
	default:
		return i.reject(conflict(asked.Key, holder))
	}
}

// isAsAsked reports whether the created row is the one that was asked for. The
// statement makes sure of it itself, but for triggers that were added since the
// table was verified.
func (i *insertion) isAsAsked() bool {
	created, asked := &i.result.Assignment, &i.in.Row
	return created.Key == asked.Key && (i.plan.DatabaseIDs || created.ID == asked.ID)
}

// conflict carries the holder's row to the caller.
func conflict(k assignment.Key, holder *pgdb.Row) error {
	existing, err := holder.Assignment()
	if err != nil {
		return err
	}
	return &assignment.ActiveExistsError{Key: k, Existing: existing}
}

// replay is what a request returns whose ID has a row already.
func replay(asked *assignment.Assignment, existing *pgdb.Row) (assignment.Result, error) {
	row, err := existing.Assignment()
	if err != nil {
		return assignment.Result{}, err
	}
	if !asked.SameRequest(row) {
		return assignment.Result{}, assignment.ErrIDReused
	}
	return assignment.Result{Assignment: row, Outcome: assignment.OutcomeReplayed}, nil
}

func createdResult(row assignment.Assignment) assignment.Result {
	return assignment.Result{Assignment: row, Outcome: assignment.OutcomeCreated}
}

func find(rows []pgdb.Row, kind pgdb.RowKind) *pgdb.Row {
	for i := range rows {
		if rows[i].Kind == kind {
			return &rows[i]
		}
	}
	return nil
}
