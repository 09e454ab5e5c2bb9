package adopt

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/guard"
	"github.com/assignment-go/assignment/postgres/internal/sqltext"
)

// preview decides about all suspects as they are now, in batches, and asks the
// CHECK constraints of the table about each change. It writes nothing.
func (r reader) preview(ctx context.Context, q querier, suspects [][]string, visit func([]Group, []Change)) error {
	if len(suspects) == 0 {
		return nil
	}
	if err := r.t.repairable(); err != nil {
		return err
	}
	checks := r.checks()
	for batch := range batches(suspects, r.repair.BatchRows) {
		groups, err := r.read(ctx, q, slices.Concat(batch...), unlocked)
		if err != nil {
			return err
		}
		retired, rewritten, err := r.decideAll(groups)
		if err != nil {
			return err
		}
		changes := slices.Concat(retired, rewritten)
		if err := r.askChecks(ctx, q, checks, changes); err != nil {
			return err
		}
		visit(groups, changes)
	}
	return nil
}

// checks are the constraints that a change of the mapped columns could break.
func (r reader) checks() []guard.Check {
	changed := r.changed()
	return slices.DeleteFunc(slices.Clone(r.t.Catalog.Checks), func(c guard.Check) bool {
		return !slices.ContainsFunc(c.Columns, func(name string) bool { return slices.Contains(changed, name) })
	})
}

// changed are the columns that a repair sets.
func (r reader) changed() []string {
	var names []string
	for _, s := range r.sets("") {
		names = append(names, s.column)
	}
	return names
}

// askChecks evaluates the constraints on the rows as they would be.
func (r reader) askChecks(ctx context.Context, q querier, checks []guard.Check, changes []Change) error {
	if len(checks) == 0 || len(changes) == 0 {
		return nil
	}
	conditions := make([]string, len(checks))
	for i, c := range checks {
		conditions[i] = fmt.Sprintf("WHEN NOT (%s) THEN %s", c.Condition, sqltext.Literal(c.Name))
	}
	sql := fmt.Sprintf(`SELECT id, new_status, broken FROM (
  SELECT assignment_change_id AS id, assignment_change_status AS new_status, CASE %s END AS broken
  FROM (
    SELECT %s
    FROM %s AS t JOIN unnest($1::text[]::%s[], $2::text[]) AS change (id, new_status) ON t.%s = change.id
    OFFSET 0
  ) AS %s
) AS asked WHERE broken IS NOT NULL LIMIT 1`,
		strings.Join(conditions, " "), strings.Join(r.changedRow(), ", "), r.t.Table,
		r.t.column(r.table.Columns.ID).Cast, sqltext.Quote(r.table.Columns.ID), sqltext.Quote(r.t.Table.Name))
	ids, _ := columnsOf(changes)[0].([]string)
	args := []any{ids, newStatusesOf(changes)}
	if r.table.Columns.CompletedAt != "" {
		args = append(args, r.lifecycle.Terminal())
	}
	var id, status, constraint string
	err := pgx.BeginFunc(ctx, q, func(tx pgx.Tx) error { return tx.QueryRow(ctx, sql, args...).Scan(&id, &status, &constraint) })
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return nil
	case codeOf(err) != "":
		return nil // a condition on the row as a whole, say; the rehearsal asks the table itself
	case err != nil:
		return fmt.Errorf("ask the CHECK constraints: %w", err)
	}
	return invalid(constraint, fmt.Sprintf("refuses the status %q, which row %s would get: it is a CHECK constraint of the table; "+
		"choose a Repair.RetireTo or Repair.Rewrite that it allows, or change the constraint first", status, id))
}

// changedRow lists the columns of the table with the values that a change
// gives them.
func (r reader) changedRow() []string {
	sets := r.sets("$3")
	row := []string{"change.id::text AS assignment_change_id", "change.new_status AS assignment_change_status"}
	for _, c := range r.t.Catalog.Columns {
		expression := "t." + sqltext.Quote(c.Name)
		if i := slices.IndexFunc(sets, func(s set) bool { return s.column == c.Name }); i >= 0 {
			expression = sets[i].expression
		}
		row = append(row, expression+" AS "+sqltext.Quote(c.Name))
	}
	return row
}

func newStatusesOf(changes []Change) []string {
	all := make([]string, len(changes))
	for i, c := range changes {
		all[i] = string(c.NewStatus)
	}
	return all
}

// foresee finds what would stop a repair before anything is written: it
// previews all changes, and then rehearses one of each kind in a transaction
// that is rolled back, since triggers and foreign keys only answer to a change
// that is made.
func (s *session) foresee(ctx context.Context, suspects [][]string) error {
	kinds := make(map[string]bool)
	var ids []string
	err := s.rows().preview(ctx, s.conn, suspects, func(groups []Group, changes []Change) {
		for _, c := range changes {
			kind := fmt.Sprintf("%s to %q", stored(c.OldStatus), c.NewStatus)
			if !kinds[kind] {
				kinds[kind] = true
				ids = append(ids, idsOf(groups, c.Key)...)
			}
		}
	})
	if err != nil || len(ids) == 0 {
		return err
	}
	return s.batchAgain(ctx, ids, s.rehearse)
}

func stored(s *assignment.Status) string {
	if s == nil {
		return "NULL"
	}
	return strconv.Quote(string(*s))
}

// idsOf returns the whole group: a policy decides on nothing less.
func idsOf(groups []Group, key assignment.Key) []string {
	var ids []string
	for _, g := range groups {
		if g.Key != key {
			continue
		}
		for _, row := range g.Rows {
			ids = append(ids, string(row.ID))
		}
	}
	return ids
}

// rehearse makes the changes and takes them back.
func (s *session) rehearse(ctx context.Context, ids []string) error {
	tx, err := s.conn.Begin(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback(ctx) }()
	if _, _, err := s.changeLocked(ctx, tx, rehearsal, ids); err != nil {
		return err
	}
	// what is deferred would speak up at COMMIT only
	_, err = tx.Exec(ctx, "SET CONSTRAINTS ALL IMMEDIATE")
	return err
}
