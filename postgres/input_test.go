package postgres_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres"
	"github.com/assignment-go/assignment/postgres/schema"
)

func TestNewInvalid(t *testing.T) {
	pool, err := pgxpool.New(t.Context(), "postgres://nobody@127.0.0.1:1/none")
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()

	cases := []struct {
		name  string
		db    postgres.Pool
		opts  *postgres.Options
		field string
	}{
		{"nil_db", nil, nil, "db"},
		{"nil_pool", (*pgxpool.Pool)(nil), nil, "db"},
		{"table_with_a_quote", pool, &postgres.Options{Table: &schema.Table{Name: `a"b`}}, "Table.Name"},
		{"schema_with_a_quote", pool, &postgres.Options{Table: &schema.Table{Schema: `a'b`}}, "Table.Schema"},
		{"table_with_a_control_character", pool, &postgres.Options{Table: &schema.Table{Name: "a\x00b"}}, "Table.Name"},
		{"table_too_long", pool, &postgres.Options{Table: &schema.Table{Name: strings.Repeat("x", 64)}}, "Table.Name"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := postgres.New(t.Context(), c.db, c.opts)
			wantInvalid(t, err, c.field)
			wantInvalid(t, postgres.Migrate(t.Context(), c.db, c.opts), c.field)
		})
	}
}

func wantInvalid(t *testing.T, err error, field string) {
	t.Helper()
	invalid, ok := errors.AsType[*assignment.InvalidError](err)
	if !ok || !errors.Is(err, assignment.ErrInvalid) {
		t.Fatalf("got %v, want an *InvalidError", err)
	}
	if invalid.Field != field || invalid.Reason == "" {
		t.Errorf("got field %q, reason %q; want field %q", invalid.Field, invalid.Reason, field)
	}
}

func TestUnreachableServer(t *testing.T) {
	pool, err := pgxpool.New(t.Context(), "postgres://nobody@127.0.0.1:1/none")
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	store, err := postgres.New(t.Context(), pool, &postgres.Options{DeferVerify: true})
	if err != nil {
		t.Fatal(err)
	}
	service := mustService(t, store)
	t.Run("create_wrote_nothing_and_says_so", func(t *testing.T) {
		_, err := service.Create(t.Context(), assignment.CreateParams{Key: assignment.Key{AssigneeID: "a", SubjectID: "s"}})
		if !errors.Is(err, assignment.ErrUnavailable) || errors.Is(err, assignment.ErrUnknownOutcome) {
			t.Errorf("got %v, want ErrUnavailable", err)
		}
	})
	t.Run("verify_is_unavailable_not_unguarded", func(t *testing.T) {
		_, err := store.Verify(t.Context())
		if !errors.Is(err, assignment.ErrUnavailable) || errors.Is(err, assignment.ErrUnguarded) {
			t.Errorf("got %v, want ErrUnavailable", err)
		}
	})
}
