package adopt

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/guard"
	"github.com/assignment-go/assignment/postgres/internal/sqltext"
	"github.com/assignment-go/assignment/postgres/schema"
)

// querier is what a connection and a transaction have in common.
type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
	Begin(ctx context.Context) (pgx.Tx, error)
}

// table is the table as the inspection found it, which is the one that a store
// makes.
type table struct {
	*guard.Report
	settings *settings
}

// inspect inspects the table, and rejects one that nothing can be done with.
func inspect(ctx context.Context, q querier, s *settings) (*table, error) {
	var t *table
	err := pgx.BeginFunc(ctx, q, func(tx pgx.Tx) error {
		report, err := guard.Inspect(ctx, inspector{tx}, guard.Spec{Table: s.table, Lifecycle: s.lifecycle})
		t = &table{report, s}
		return err
	})
	if err != nil {
		return nil, err
	}
	if findings := t.unworkable(); len(findings) > 0 {
		return nil, s.unguarded(findings...)
	}
	return t, nil
}

// usable reports whether the table has a complete index with the name. It reads the
// catalog again: an index may have been built, or dropped, since the inspection.
func usable(ctx context.Context, i inspector, t schema.Table, name string) (bool, error) {
	c, err := guard.Read(ctx, i, t)
	if err != nil || c == nil {
		return false, err
	}
	index, ok := c.Index(name)
	return ok && index.Usable(), nil
}

// inspector is a connection or transaction as package guard needs it.
type inspector struct{ querier }

// Text returns the first column of the first row.
func (i inspector) Text(ctx context.Context, sql string, args ...any) (string, error) {
	var text *string
	err := i.QueryRow(ctx, sql, args...).Scan(&text)
	if errors.Is(err, pgx.ErrNoRows) || err == nil && text == nil {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return *text, nil
}

// Exec runs a statement for its effect.
func (i inspector) Exec(ctx context.Context, sql string, args ...any) error {
	_, err := i.querier.Exec(ctx, sql, args...)
	return err
}

// SQLState returns the code that the server reported.
func (i inspector) SQLState(err error) string { return codeOf(err) }

// unworkable returns the findings that rule out any repair: no index could guard
// the table, columns are missing or can't be written, or the role can't see all
// rows.
func (t *table) unworkable() []assignment.GuardFinding {
	if !t.Buildable {
		return t.Findings
	}
	if session := t.Catalog.Session; session.RowSecurity {
		return []assignment.GuardFinding{{
			Problem: schema.GuardRowSecurity,
			Detail: fmt.Sprintf("row-level security hides rows of the table from role %s, and hidden rows can't be counted or repaired. "+
				"Connect as a superuser, as a role with BYPASSRLS, or as the owner without FORCE ROW LEVEL SECURITY",
				sqltext.Quote(session.Role)),
		}}
	}
	return slices.DeleteFunc(slices.Clone(t.Findings), func(f assignment.GuardFinding) bool {
		return f.Problem != schema.GuardNoColumn && f.Problem != schema.GuardColumnType
	})
}

// repairable rejects a table in which a repair could change the wrong rows: IDs are
// not unique, or the mapping contradicts a unique index.
func (t *table) repairable() error {
	if f, found := t.coarser(); found {
		return t.settings.unguarded(f.guardFinding())
	}
	for _, f := range t.Findings {
		if f.Problem == schema.GuardNoPrimaryKey {
			f.Detail += "; and a repair could change the wrong row"
			return t.settings.unguarded(f)
		}
	}
	return nil
}

// column returns a column that the mapping names, and the inspection has found.
func (t *table) column(name string) guard.Column {
	c, _ := t.Catalog.Column(name)
	return c
}

// defaultStatus returns the default of the status column, empty when it is not a
// literal.
func (t *table) defaultStatus() assignment.Status {
	literal, _, _ := strings.Cut(t.column(t.settings.table.Columns.Status).Default, "::")
	if len(literal) < 2 || literal[0] != '\'' || literal[len(literal)-1] != '\'' {
		return ""
	}
	return assignment.Status(strings.ReplaceAll(literal[1:len(literal)-1], "''", "'"))
}
