package databasesql_test

import (
	"context"
	"database/sql"
	"testing"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/conformance"
	"github.com/assignment-go/assignment/postgres/databasesql"
	"github.com/assignment-go/assignment/postgres/internal/pgsuite"
	"github.com/assignment-go/assignment/postgres/schema"
)

func TestConformanceMapped(t *testing.T) {
	t.Parallel()
	for _, m := range []pgsuite.Mapping{pgsuite.CheckThenCreate(), pgsuite.Identity()} {
		t.Run(m.Name, func(t *testing.T) {
			conformance.Run(t, pgsuite.Mapped(t, m, onMappedDB))
		})
	}
}

func onMappedDB(ctx context.Context, dsn string, policy assignment.Policy, table schema.Table) (pgsuite.Handle, error) {
	db, err := sql.Open("postgres", dsn)
	if err != nil {
		return pgsuite.Handle{}, err
	}
	db.SetMaxOpenConns(8)
	db.SetMaxIdleConns(8)
	store, err := databasesql.New(ctx, db, &databasesql.Options{Policy: policy, Table: &table})
	if err != nil {
		_ = db.Close()
	}
	return handle(db, store), err
}
