package databasesql

import (
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/lib/pq"

	"github.com/assignment-go/assignment/postgres/internal/pgdb"
)

// fieldError reports as bun's pgdriver does: by the letters of the protocol.
type fieldError map[byte]string

func (e fieldError) Error() string { return e['M'] }

func (e fieldError) Field(k byte) string { return e[k] }

func TestDescribe(t *testing.T) {
	want := pgdb.ServerError{
		Code: "23505", Message: "duplicate key", Detail: "Key exists", Subject: "one", Table: "rows",
		Where: "PL/pgSQL function f() line 1", Routine: "_bt_check_unique", Fatal: true,
	}
	for name, report := range map[string]error{
		"lib/pq": &pq.Error{
			Severity: "FATAL", Code: "23505", Message: want.Message, Detail: want.Detail, Constraint: "one",
			Table: "rows", Where: want.Where, Routine: want.Routine,
		},
		"pgx/stdlib": &pgconn.PgError{
			SeverityUnlocalized: "FATAL", Code: "23505", Message: want.Message, Detail: want.Detail,
			ConstraintName: "one", TableName: "rows", Where: want.Where, Routine: want.Routine,
		},
		"a driver that hands out fields by letter": fieldError{
			'V': "FATAL", 'C': "23505", 'M': want.Message, 'D': want.Detail, 'n': "one", 't': "rows",
			'W': want.Where, 'R': want.Routine,
		},
	} {
		t.Run(name, func(t *testing.T) {
			if got, ok := describe(fmt.Errorf("insert: %w", report)); !ok || got != want {
				t.Errorf("got %+v, %v, want %+v", got, ok, want)
			}
		})
	}
	t.Run("what is no report of the server", func(t *testing.T) {
		if got, ok := describe(fieldError{'M': "broken pipe"}); ok {
			t.Errorf("got %+v, want none", got)
		}
	})
}
