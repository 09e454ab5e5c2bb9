package engine

import (
	"context"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/pgdb"
	"github.com/assignment-go/assignment/postgres/internal/sqlgen"
)

// maxEmpty is how many statements may return nothing. The first can have missed
// a winner that committed after its snapshot; the next one sees that winner, or
// that the slot is free again. When it returns nothing either, then something
// else keeps the row out.
const maxEmpty = 2

// inserting is the attempts of one call to insert its row.
type inserting struct {
	engine     *Engine
	plan       *sqlgen.Statements
	statements sqlgen.InsertPair
	in         *sqlgen.Input
	// retires means that the holder is to make way.
	retires bool
	// decide reads the rows of a statement.
	decide func([]pgdb.Row) answer[assignment.Result]

	// empty counts the statements that answered nothing.
	empty int
	// objections counts those that were refused because of a holder that can be
	// seen.
	objections int
	// unnamed means that the last violation was of no index of the table.
	unnamed bool
}

func (i *inserting) operation(ctx context.Context) operation[assignment.Result] {
	op := operation[assignment.Result]{
		id:   i.in.Row.ID,
		send: func(q pgdb.Querier) (answer[assignment.Result], error) { return i.send(ctx, q) },
		own: func(err error) (answer[assignment.Result], error) {
			return i.violated(ctx, i.engine.db, err)
		},
		together: func() bool {
			return i.isTouchedAfter() || i.empty >= maxEmpty && !i.statements.Lock.IsZero()
		},
		unrepeatable: i.plan.DatabaseIDs,
	}
	if !i.plan.DatabaseIDs && i.plan.IDNotUnique {
		op.lock = i.in.Row.ID
	}
	return op
}

// send runs the statement once.
func (i *inserting) send(ctx context.Context, q pgdb.Querier) (answer[assignment.Result], error) {
	if i.empty >= maxEmpty {
		return i.sendExact(ctx, q)
	}
	rows, err := query(ctx, q, i.statements.Usual, i.in)
	isUnreplaced := i.engine.isUnreplaced(err)
	if err != nil && !isUnreplaced {
		return answer[assignment.Result]{}, err
	}
	if ans := i.decide(rows); err == nil && ans.settled {
		return i.asCommitted(ctx, q, ans)
	}
	i.empty++
	return answer[assignment.Result]{}, err
}

// sendExact lets nothing but code of the host's suppress a row without a
// word: the holder that is to be retired is locked before, and a slot that is
// taken makes the insert fail.
func (i *inserting) sendExact(ctx context.Context, q pgdb.Querier) (answer[assignment.Result], error) {
	i.in.Locked = 0
	if lock := i.statements.Lock; !lock.IsZero() {
		locked, err := query(ctx, q, lock, i.in)
		if err != nil {
			return answer[assignment.Result]{}, err
		}
		i.in.Locked = len(locked)
	}
	rows, err := query(ctx, q, i.statements.Exact, i.in)
	switch {
	case i.engine.isUnreplaced(err):
		return answer[assignment.Result]{}, &undoneError{event: sqlgen.OnInsert}
	case err != nil:
		return answer[assignment.Result]{}, err
	}
	if ans := i.decide(rows); ans.settled {
		return i.asCommitted(ctx, q, ans)
	}
	if i.in.Locked > 0 {
		return answer[assignment.Result]{}, &undoneError{event: sqlgen.OnUpdate}
	}
	return answer[assignment.Result]{}, &undoneError{event: sqlgen.OnInsert}
}

// insist sends it until the matter is settled, as far as retrying at once helps.
func (i *inserting) insist(ctx context.Context, q pgdb.Querier) (ans answer[assignment.Result], err error) {
	for tries := 0; err == nil && !ans.settled && tries < maxStatements; tries++ {
		ans, err = i.send(ctx, q)
	}
	return ans, err
}

// isAsAsked reports whether the created row is the one that was asked for. The
// statement makes sure itself, but for triggers that were added since the table
// was verified.
func (i *inserting) isAsAsked(created *assignment.Assignment) bool {
	asked := &i.in.Row
	return created.Key == asked.Key && (i.plan.DatabaseIDs || created.ID == asked.ID)
}

// isTouchedAfter reports whether triggers may change the rows once the
// statement has returned them.
func (i *inserting) isTouchedAfter() bool {
	return i.plan.Triggers.AfterInsert || i.retires && i.plan.Triggers.AfterUpdate
}

// asCommitted replaces what the statement returned by what it left behind when
// the triggers that run after it are done.
func (i *inserting) asCommitted(ctx context.Context, q pgdb.Querier, ans answer[assignment.Result]) (answer[assignment.Result], error) {
	if ans.refusal != nil || ans.value.Outcome != assignment.OutcomeCreated {
		return ans, nil //nolint:nilerr // a refusal is part of the answer; an error would say that there is none
	}
	if !i.isAsAsked(&ans.value.Assignment) {
		return answer[assignment.Result]{}, pgdb.Unreadable(errOtherRow)
	}
	if !i.isTouchedAfter() {
		return ans, nil
	}
	created, retired := &ans.value.Assignment, ans.value.Retired
	left, err := i.engine.leftBehind(ctx, q, i.plan, created.ID)
	if err != nil {
		return answer[assignment.Result]{}, err
	}
	if attribute := i.engine.lostBy(left, created.Key); left == nil || attribute != "" {
		return answer[assignment.Result]{}, &undoneError{event: sqlgen.OnInsert, attribute: attribute, after: true}
	}
	if *created, err = left.Assignment(); err != nil || retired == nil {
		return ans, err
	}
	// one that a trigger moves to an archive is still the one that was retired
	if left, err = i.engine.leftBehind(ctx, q, i.plan, retired.ID); err == nil && left != nil {
		*retired, err = left.Assignment()
	}
	return ans, err
}

// lostBy names the attribute by which a row that is left no longer holds the
// slot; empty when it does.
func (e *Engine) lostBy(left *pgdb.Row, k assignment.Key) string {
	switch {
	case left == nil:
		return ""
	case left.Key() != k:
		return "Key"
	case e.lifecycle.IsTerminal(assignment.Status(left.Status)):
		return "Status"
	default:
		return ""
	}
}
