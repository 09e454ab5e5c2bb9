package pgsuite

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/assignment-go/assignment"
)

// raise is how code of the host's fails inside a trigger.
type raise struct {
	name string
	// body is a statement of PL/pgSQL, and report a part of what the server says
	// about it.
	body, report string
	want         error
}

// raises are SQLSTATEs that would say something about the SDK's own statements,
// raised by code that has nothing to do with them.
func raises() []raise {
	rejected := []raise{
		{name: "division_by_zero", body: `PERFORM 1 / (NEW.version - NEW.version)`, report: "division by zero"},
		{name: "no_such_column", body: `PERFORM nothing FROM assignments`, report: `column "nothing" does not exist`},
		{name: "no_such_table", body: `PERFORM 1 FROM nowhere`, report: `relation "nowhere" does not exist`},
		{name: "no_such_schema", body: `EXECUTE 'CREATE TABLE nowhere.at_all ()'`, report: `schema "nowhere" does not exist`},
		{
			name:   "no_such_index",
			body:   `INSERT INTO notes VALUES (1, 1) ON CONFLICT (m) DO NOTHING`,
			report: "no unique or exclusion constraint",
		},
		{name: "unique_violation", body: `INSERT INTO notes VALUES (1, 1), (1, 1)`, report: "duplicate key value"},
		{name: "no_privilege", body: `RAISE insufficient_privilege USING MESSAGE = 'not you'`, report: "not you"},
		{name: "too_deep", body: `RAISE 'too deep' USING ERRCODE = '54001'`, report: "too deep"},
	}
	for _, code := range []string{
		"P0001", "UE001", "0A000", "22012", "22P02", "23505", "23503", "25006", "25P02", "3F000", "42P01", "42P10", "42703",
		"42501", "08006", "40003", "53100", "57P01", "57P03", "XX000",
	} {
		rejected = append(rejected, raise{
			name: "raised_" + code, body: fmt.Sprintf(`RAISE 'the host says no' USING ERRCODE = '%s'`, code), report: "the host says no",
		})
	}
	for i := range rejected {
		rejected[i].want = assignment.ErrInvalid
	}
	return append(rejected,
		raise{name: "raised_55P03", body: `RAISE 'locked' USING ERRCODE = '55P03'`, report: "locked", want: assignment.ErrContended},
		raise{name: "raised_40001", body: `RAISE 'try again' USING ERRCODE = '40001'`, report: "try again", want: assignment.ErrContended},
	)
}

// raiseCall is a write, and the event of the trigger that it meets.
type raiseCall struct {
	name, event string
	call        func(context.Context, *assignment.Service) error
}

func raiseCalls() []raiseCall {
	calls := []raiseCall{
		{"complete", "UPDATE", func(ctx context.Context, s *assignment.Service) error { return second(s.Complete(ctx, "open")) }},
		{"reopen", "UPDATE", func(ctx context.Context, s *assignment.Service) error { return second(s.Reopen(ctx, "closed")) }},
		{"reassign", "UPDATE", func(ctx context.Context, s *assignment.Service) error {
			return second(s.Reassign(ctx, "open", "somebody"))
		}},
	}
	for _, c := range extraCalls() {
		calls = append(calls, raiseCall{c.name, "INSERT", c.call})
	}
	return calls
}

func second[T any](_ T, err error) error { return err }

// Raises checks that an error of the host's own code is a rule of the table,
// whatever its SQLSTATE: not contention, not a missing guard, not a lost reply.
func Raises(t *testing.T, open func(*testing.T) Host) {
	t.Helper()
	h := open(t)
	mustExec(t, h, `CREATE TABLE notes (n int PRIMARY KEY, m int);
CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER fail_insert BEFORE INSERT ON assignments FOR EACH ROW EXECUTE FUNCTION fail();
CREATE TRIGGER fail_update AFTER UPDATE ON assignments FOR EACH ROW EXECUTE FUNCTION fail()`)
	s := mustService(t, h.Joinable)
	for _, id := range []assignment.ID{"open", "closed"} {
		stored := assignment.CreateParams{ID: id, Key: assignment.Key{AssigneeID: string(id), SubjectID: "kept"}}
		if _, err := s.Create(t.Context(), stored); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Complete(t.Context(), "closed"); err != nil {
		t.Fatal(err)
	}
	before := rowsOf(t, s)
	for _, r := range raises() {
		t.Run(r.name, func(t *testing.T) {
			mustExec(t, h, `CREATE OR REPLACE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $f$
BEGIN `+r.body+`; RETURN NEW; END $f$`)
			for _, c := range raiseCalls() {
				t.Run(c.name, func(t *testing.T) { r.check(t, c.call(t.Context(), s)) })
			}
		})
	}
	mustExec(t, h, `CREATE OR REPLACE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'`)
	if after := rowsOf(t, s); after != before {
		t.Errorf("the rejected calls have written: the rows are\n%s, were\n%s", after, before)
	}
}

func (r raise) check(t *testing.T, err error) {
	t.Helper()
	if !errors.Is(err, r.want) {
		t.Fatalf("got %v, want %v", err, r.want)
	}
	if !strings.Contains(err.Error(), r.report) {
		t.Errorf("%v does not say %q", err, r.report)
	}
	for _, other := range []error{
		assignment.ErrUnguarded, assignment.ErrUnknownOutcome, assignment.ErrUnavailable, assignment.ErrRetryTransaction,
		assignment.ErrActiveExists,
	} {
		if errors.Is(err, other) {
			t.Errorf("%v is %q as well", err, other)
		}
	}
	if invalid, ok := errors.AsType[*assignment.InvalidError](err); ok && !strings.Contains(invalid.Reason, r.report) {
		t.Errorf("the reason %q does not say %q", invalid.Reason, r.report)
	}
}

func rowsOf(t *testing.T, s *assignment.Service) string {
	t.Helper()
	var rows strings.Builder
	for a, err := range s.List(t.Context(), assignment.Query{}) {
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&rows, "%s %s %s %d\n", a.ID, a.Key, a.Status, a.Version)
	}
	return rows.String()
}

func mustExec(t *testing.T, h Host, statement string) {
	t.Helper()
	tx := mustBegin(t, h)
	if err := errors.Join(tx.Exec(t.Context(), statement), tx.Commit(t.Context())); err != nil {
		t.Fatal(err)
	}
}
