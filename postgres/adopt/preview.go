package adopt

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/assignment-go/assignment/postgres/internal/guard"
	"github.com/assignment-go/assignment/postgres/internal/sqltext"
)

// preview decides about all candidates as they are now, in batches, and evaluates
// the CHECK constraints of the table on each changed row. It writes nothing.
func (r reader) preview(ctx context.Context, q querier, candidates [][]string, visit func([]Group, []Change)) error {
	if len(candidates) == 0 {
		return nil
	}
	if err := r.t.repairable(); err != nil {
		return err
	}
	checks := r.affectedChecks()
	for batch := range batches(candidates, r.repair.BatchRows) {
		groups, err := r.read(ctx, q, slices.Concat(batch...), unlocked)
		if err != nil {
			return err
		}
		retired, rewritten, err := r.decideAll(groups)
		if err != nil {
			return err
		}
		changes := slices.Concat(retired, rewritten)
		if err := r.evaluateChecks(ctx, q, checks, changes); err != nil {
			return err
		}
		visit(groups, changes)
	}
	return nil
}

// affectedChecks are the constraints on a column that a repair sets.
func (r reader) affectedChecks() []guard.Check {
	sets := r.sets("")
	return slices.DeleteFunc(slices.Clone(r.t.Catalog.Checks), func(c guard.Check) bool {
		return !slices.ContainsFunc(sets, func(s set) bool { return slices.Contains(c.Columns, s.column) })
	})
}

// evaluateChecks evaluates the constraints on the rows as they would be after the
// changes.
func (r reader) evaluateChecks(ctx context.Context, q querier, checks []guard.Check, changes []Change) error {
	if len(checks) == 0 || len(changes) == 0 {
		return nil
	}
	args := []any{idsOf(changes), newStatusesOf(changes)}
	if r.table.Columns.CompletedAt != "" {
		args = append(args, r.lifecycle.Terminal())
	}
	var id, status, constraint string
	err := pgx.BeginFunc(ctx, q, func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, r.evaluateSQL(checks), args...).Scan(&id, &status, &constraint)
	})
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return nil
	case codeOf(err) != "":
		return nil // a condition on the row as a whole, for example; the rehearsal finds out
	case err != nil:
		return fmt.Errorf("evaluate the CHECK constraints: %w", err)
	}
	return invalid(constraint, fmt.Sprintf("rejects the status %q, which row %s would get: it is a CHECK constraint of the table; "+
		"choose a Repair.RetireTo or Repair.Rewrite that it allows, or change the constraint first", status, id))
}

// evaluateSQL returns the first changed row that violates a constraint. The row is
// named like the table, as the conditions expect.
func (r reader) evaluateSQL(checks []guard.Check) string {
	conditions := make([]string, len(checks))
	for i, c := range checks {
		conditions[i] = fmt.Sprintf("WHEN NOT (%s) THEN %s", c.Condition, sqltext.Literal(c.Name))
	}
	return fmt.Sprintf(`SELECT id, new_status, violated FROM (
  SELECT assignment_change_id AS id, assignment_change_status AS new_status, CASE %s END AS violated
  FROM (
    SELECT %s
    FROM %s AS t JOIN unnest($1::text[]::%s[], $2::text[]) AS change (id, new_status) ON t.%s = change.id
    OFFSET 0
  ) AS %s
) AS evaluated WHERE violated IS NOT NULL LIMIT 1`,
		strings.Join(conditions, " "), strings.Join(r.changedRow(), ", "), r.t.Table,
		r.t.column(r.table.Columns.ID).Cast, sqltext.Quote(r.table.Columns.ID), sqltext.Quote(r.t.Table.Name))
}

// changedRow lists the columns of the table with the values that a change gives
// them.
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

func idsOf(changes []Change) []string {
	all := make([]string, len(changes))
	for i, c := range changes {
		all[i] = string(c.ID)
	}
	return all
}

func newStatusesOf(changes []Change) []string {
	all := make([]string, len(changes))
	for i, c := range changes {
		all[i] = string(c.NewStatus)
	}
	return all
}
