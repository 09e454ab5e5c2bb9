package pgsuite

import (
	"context"
	"errors"
	"testing"

	"github.com/assignment-go/assignment"
)

// failure is one way in which the database rejects.
type failure struct {
	name string
	// setup is committed before the call; inside runs in the caller's
	// transaction first, and makes the call run there.
	setup, inside string
	// want is what Create returns.
	want error
	// field is what the InvalidError names.
	field string
}

func failures() []failure {
	return []failure{
		{
			name: "a_foreign_key_of_the_host",
			setup: `CREATE TABLE people (id text PRIMARY KEY);
ALTER TABLE assignments ADD CONSTRAINT known_people FOREIGN KEY (assignee_id) REFERENCES people`,
			want: assignment.ErrInvalid, field: "known_people",
		},
		{
			name:  "a_check_of_the_host",
			setup: `ALTER TABLE assignments ADD CONSTRAINT never CHECK (subject_id = '') NOT VALID`,
			want:  assignment.ErrInvalid, field: "never",
		},
		{
			name: "a_required_column_of_the_host",
			setup: `ALTER TABLE assignments ADD COLUMN extra text NOT NULL DEFAULT '';
ALTER TABLE assignments ALTER extra DROP DEFAULT`,
			want: assignment.ErrInvalid, field: "extra",
		},
		{
			name: "a_unique_index_of_the_host",
			setup: `CREATE UNIQUE INDEX one_per_account ON assignments (account_id);
INSERT INTO assignments (id, assignee_id, subject_id, status, account_id, created_at, updated_at)
VALUES ('other', 'other', 'other', 'pending', 'account', now(), now())`,
			want: assignment.ErrInvalid, field: "one_per_account",
		},
		{name: "a_dropped_table", setup: `DROP TABLE assignments`, want: assignment.ErrUnguarded},
		{name: "a_dropped_column", setup: `ALTER TABLE assignments DROP COLUMN metadata`, want: assignment.ErrUnguarded},
		{name: "a_dropped_guard", setup: `DROP INDEX assignments_active_key`, want: assignment.ErrUnguarded},
		{name: "a_read_only_transaction", inside: `SET TRANSACTION READ ONLY`, want: assignment.ErrUnavailable},
		{
			name:   "a_missing_privilege",
			inside: `CREATE ROLE assignment_test_nobody; SET LOCAL ROLE assignment_test_nobody`,
			want:   assignment.ErrUnavailable,
		},
		{
			name: "a_missing_privilege_on_the_table",
			inside: `CREATE ROLE assignment_test_nobody;
DO $$ BEGIN EXECUTE format('GRANT USAGE ON SCHEMA %I TO assignment_test_nobody', current_schema()); END $$;
SET LOCAL ROLE assignment_test_nobody`,
			want: assignment.ErrUnavailable,
		},
	}
}

// Failures checks that whatever the database reports reaches the caller as one
// of the SDK's sentinels, through every operation, and that Create names the
// right one.
func Failures(t *testing.T, open func(*testing.T) Host) {
	t.Helper()
	for _, f := range failures() {
		t.Run(f.name, func(t *testing.T) { f.check(t, open(t)) })
	}
	t.Run("a_transaction_that_was_aborted_before", func(t *testing.T) {
		tx := mustBegin(t, open(t))
		if err := tx.Exec(t.Context(), `SELECT 1 / 0`); err == nil {
			t.Fatal("divided by zero")
		}
		wantFailure(t, mustService(t, tx.Store), assignment.ErrRetryTransaction, "")
	})
	t.Run("a_transaction_that_has_ended", func(t *testing.T) {
		tx := mustBegin(t, open(t))
		if err := tx.Commit(t.Context()); err != nil {
			t.Fatal(err)
		}
		wantFailure(t, mustService(t, tx.Store), assignment.ErrUnavailable, "")
	})
}

func (f failure) check(t *testing.T, h Host) {
	t.Helper()
	if f.setup != "" {
		tx := mustBegin(t, h)
		if err := errors.Join(tx.Exec(t.Context(), f.setup), tx.Commit(t.Context())); err != nil {
			t.Fatal(err)
		}
	}
	if f.inside == "" {
		wantFailure(t, mustService(t, h.Joinable), f.want, f.field)
		return
	}
	tx := mustBegin(t, h)
	if err := tx.Exec(t.Context(), f.inside); err != nil {
		t.Fatal(err)
	}
	wantFailure(t, mustService(t, tx.Store), f.want, f.field)
}

func wantFailure(t *testing.T, s *assignment.Service, want error, field string) {
	t.Helper()
	params := taken()
	params.AccountID = "account"
	_, err := s.Create(t.Context(), params)
	if !errors.Is(err, want) {
		t.Errorf("create: got %v, want %v", err, want)
	}
	if invalid, ok := errors.AsType[*assignment.InvalidError](err); ok && invalid.Field != field {
		t.Errorf("create: got field %q, want %q", invalid.Field, field)
	}
	for name, err := range everyOperation(t.Context(), s) {
		if err != nil && !isSentinel(err) {
			t.Errorf("%s: %v is none of the sentinels", name, err)
		}
	}
}

// everyOperation calls each once and returns its error.
func everyOperation(ctx context.Context, s *assignment.Service) map[string]error {
	failures := make(map[string]error)
	record := func(name string, err error) { failures[name] = err }
	_, err := s.Ensure(ctx, taken())
	record("ensure", err)
	_, err = s.Replace(ctx, taken(), assignment.ReplaceParams{RetireTo: assignment.StatusCancelled})
	record("replace", err)
	results, err := s.CreateMany(ctx, []assignment.CreateParams{taken(), taken()}, nil)
	record("create many", err)
	for _, r := range results {
		record("create many, an item", r.Err)
	}
	_, err = s.CreateMany(ctx, []assignment.CreateParams{taken()}, &assignment.BatchOptions{AllOrNothing: true})
	record("create all", err)
	_, err = s.Complete(ctx, "other")
	record("complete", err)
	_, err = s.Reopen(ctx, "other")
	record("reopen", err)
	_, err = s.Reassign(ctx, "other", "somebody")
	record("reassign", err)
	_, err = s.Get(ctx, "other")
	record("get", err)
	_, err = s.FindActive(ctx, taken().Key)
	record("find active", err)
	_, err = s.Count(ctx, assignment.Query{})
	record("count", err)
	for _, err := range s.List(ctx, assignment.Query{}) {
		record("list", err)
	}
	return failures
}

func isSentinel(err error) bool {
	for _, sentinel := range []error{
		assignment.ErrActiveExists, assignment.ErrInvalid, assignment.ErrNotFound, assignment.ErrTransition,
		assignment.ErrStale, assignment.ErrIDReused, assignment.ErrContended, assignment.ErrRetryTransaction,
		assignment.ErrUnknownOutcome, assignment.ErrUnguarded, assignment.ErrUnsupported, assignment.ErrUnavailable,
	} {
		if errors.Is(err, sentinel) {
			return true
		}
	}
	return false
}

func mustBegin(t *testing.T, h Host) Tx {
	t.Helper()
	tx, err := h.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tx.Rollback(context.Background()) })
	return tx
}

func mustService(t *testing.T, store assignment.Store) *assignment.Service {
	t.Helper()
	service, err := assignment.NewService(store, nil)
	if err != nil {
		t.Fatal(err)
	}
	return service
}
