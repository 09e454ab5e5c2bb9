package engine

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/pgdb"
	"github.com/assignment-go/assignment/postgres/schema"
)

// script is what the attempts of an operation come to; the last one is repeated.
type script []scripted

type scripted struct {
	err       error
	resolved  bool
	rejection error
}

// scriptedOperation sends nothing.
type scriptedOperation struct {
	call

	script script
	sent   int
	needed needs
}

func (o *scriptedOperation) needs() needs { return o.needed }

func (o *scriptedOperation) send(context.Context, pgdb.Querier) (resolved bool, err error) {
	step := o.script[min(o.sent, len(o.script)-1)]
	o.sent++
	o.rejection = step.rejection
	return step.resolved, step.err
}

func (*scriptedOperation) failed(context.Context, *failure) (resolved bool, err error) {
	return false, nil
}

// testDB is a handle without a server.
type testDB struct {
	pgdb.DB

	pooled, inHost             bool
	begin, commit, rollback    error
	commits, rollbacks, begins int
}

func (*testDB) Describe(err error) (pgdb.ServerError, bool) {
	report, ok := errors.AsType[reportError](err)
	return pgdb.ServerError(report), ok
}

func (db *testDB) Joined() bool { return db.inHost }
func (db *testDB) Pooled() bool { return db.pooled }
func (*testDB) Connection() any { return nil }
func (db *testDB) Begin(context.Context) (pgdb.Tx, error) {
	db.begins++
	return testTx{testDB: db}, db.begin
}

func (*testDB) Text(context.Context, string, ...any) (string, error) { return "", nil }

type testTx struct{ *testDB }

func (tx testTx) Commit(context.Context) error {
	tx.commits++
	return tx.commit
}

func (tx testTx) Rollback(context.Context) error {
	tx.rollbacks++
	return tx.rollback
}

// testEngine is one on the handle.
func testEngine(t *testing.T, db pgdb.DB) *Engine {
	t.Helper()
	e, err := New(db, &schema.Table{}, assignment.Policy{})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// runScript runs an operation in a bubble, where pauses take no time.
func runScript(t *testing.T, db *testDB, s script) (err error) {
	t.Helper()
	e := testEngine(t, db)
	synctest.Test(t, func(t *testing.T) {
		op := &scriptedOperation{script: s, call: call{id: "id"}}
		err = e.run(t.Context(), &op.call, op)
	})
	return err
}

func TestRun(t *testing.T) {
	resolved := scripted{resolved: true}
	for name, test := range map[string]struct {
		script script
		want   error
	}{
		"is_resolved_at_once":                {script{resolved}, nil},
		"is_resolved_after_an_outdated_view": {script{{}, resolved}, nil},
		"is_resolved_after_a_lost_reply":     {script{{err: errNetwork}, resolved}, nil},
		"returns_a_rejection":                {script{{resolved: true, rejection: assignment.ErrIDReused}}, assignment.ErrIDReused},
		"believes_no_rejection_after_a_lost_reply": {
			script{{err: errNetwork}, {resolved: true, rejection: assignment.ErrIDReused}}, assignment.ErrUnknownOutcome,
		},
		"believes_no_failure_after_a_lost_reply": {script{{err: errNetwork}, {err: reportError{Code: "23514"}}}, assignment.ErrUnknownOutcome},
		"returns_no_result_of_a_failed_attempt":  {script{{resolved: true, err: reportError{Code: "23514"}}}, assignment.ErrInvalid},
	} {
		t.Run(name, func(t *testing.T) {
			if err := runScript(t, &testDB{pooled: true}, test.script); !errors.Is(err, test.want) {
				t.Errorf("got %v, want %v", err, test.want)
			}
		})
	}

	t.Run("ends_with_the_context_between_two_attempts", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		op := &scriptedOperation{script: script{{}, resolved}}
		if err := testEngine(t, &testDB{pooled: true}).run(ctx, &op.call, op); !errors.Is(err, context.Canceled) || op.sent != 1 {
			t.Errorf("sent %d times, got %v", op.sent, err)
		}
	})
}

// TestAttempt covers what an attempt opens, and what it leaves open.
func TestAttempt(t *testing.T) {
	attempt := func(t *testing.T, db *testDB, n needs, s scripted) (bool, *failure) {
		t.Helper()
		op := &scriptedOperation{script: script{s}, needed: n}
		return testEngine(t, db).attempt(t.Context(), &op.call, op)
	}
	want := func(t *testing.T, db *testDB, begins, commits, rollbacks int) {
		t.Helper()
		if db.begins != begins || db.commits != commits || db.rollbacks != rollbacks {
			t.Errorf("%d begun, %d committed, %d rolled back; want %d, %d, %d",
				db.begins, db.commits, db.rollbacks, begins, commits, rollbacks)
		}
	}
	resolved := scripted{resolved: true}

	t.Run("one_statement_needs_nothing_around_it", func(t *testing.T) {
		db := &testDB{pooled: true}
		if ok, f := attempt(t, db, needs{}, resolved); !ok || f != nil {
			t.Errorf("got %v, %v", ok, f)
		}
		want(t, db, 0, 0, 0)
	})
	t.Run("in_a_transaction_of_the_hosts_it_has_a_savepoint", func(t *testing.T) {
		db := &testDB{inHost: true}
		attempt(t, db, needs{}, resolved)
		want(t, db, 1, 1, 0)
	})
	t.Run("several_statements_have_a_transaction", func(t *testing.T) {
		db := &testDB{pooled: true}
		attempt(t, db, needs{transaction: true}, resolved)
		want(t, db, 1, 1, 0)
	})
	t.Run("a_failure_is_rolled_back", func(t *testing.T) {
		db := &testDB{pooled: true}
		ok, f := attempt(t, db, needs{transaction: true}, scripted{err: errNetwork})
		if ok || f.faultOrNone() != pgdb.FaultInClient {
			t.Errorf("got %v, %s", ok, f.faultOrNone())
		}
		want(t, db, 1, 0, 1)
	})
	t.Run("errUndo_is_rolled_back_and_no_failure", func(t *testing.T) {
		db := &testDB{inHost: true}
		if ok, f := attempt(t, db, needs{transaction: true}, scripted{resolved: true, err: errUndo}); !ok || f != nil {
			t.Errorf("got %v, %v", ok, f)
		}
		want(t, db, 1, 0, 1)
	})
	t.Run("a_failed_rollback_breaks_a_transaction_of_the_hosts", func(t *testing.T) {
		db := &testDB{inHost: true, rollback: errNetwork}
		if ok, f := attempt(t, db, needs{}, scripted{resolved: true, err: errUndo}); ok || !f.broken {
			t.Errorf("got %v, %v", ok, f)
		}
	})
	t.Run("a_lost_commit_is_lost", func(t *testing.T) {
		db := &testDB{pooled: true, commit: errNetwork}
		if ok, f := attempt(t, db, needs{transaction: true}, resolved); ok || f.faultOrNone() != pgdb.FaultLost {
			t.Errorf("got %v, %s", ok, f.faultOrNone())
		}
	})
	t.Run("a_lost_begin_has_no_effect", func(t *testing.T) {
		db := &testDB{pooled: true, begin: errNetwork}
		if ok, f := attempt(t, db, needs{transaction: true}, resolved); ok || f.faultOrNone() != pgdb.FaultAborted {
			t.Errorf("got %v, %s", ok, f.faultOrNone())
		}
	})
}
