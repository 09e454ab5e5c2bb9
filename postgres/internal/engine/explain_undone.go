package engine

import (
	"context"
	"fmt"
	"strings"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/pgdb"
)

// triggersSQL names what can change or suppress a row: the row triggers of the
// event, before or after it, and the rules. Its parameters are the table, the
// name of the event, and 1 for triggers that run before it.
const triggersSQL = `SELECT string_agg(what, ', ' ORDER BY what)
FROM to_regclass($1::text) AS r (name) JOIN pg_class t ON t.oid = r.name, LATERAL (
  SELECT DISTINCT 'trigger ' || quote_ident(g.tgname) FROM pg_trigger g
  WHERE NOT g.tgisinternal AND g.tgenabled <> 'D'
    AND (g.tgrelid = t.oid OR g.tgrelid IN (SELECT relid FROM pg_partition_tree(t.oid)))
    AND g.tgtype & CASE $2::text WHEN 'INSERT' THEN 4 ELSE 16 END <> 0
    AND CASE $3::text WHEN 'before' THEN g.tgtype & 3 = 3 ELSE g.tgtype & 2 = 0 END
  UNION ALL
  SELECT 'rule ' || quote_ident(w.rulename) FROM pg_rewrite w
  WHERE w.ev_class = t.oid AND w.rulename <> '_RETURN'
) AS found (what)`

// undone turns an undone statement into the error that names the attribute and the
// code of the host's that caused it. The querier is for asking; nil when no
// transaction is under way.
func (e *Engine) undone(ctx context.Context, q pgdb.Querier, u *undoneError, err error) error {
	at := "before"
	if u.after {
		at = "after"
	}
	cause := "a row-level security policy"
	if !u.policy {
		cause = hostCode(e.askWhy(ctx, q, triggersSQL, e.plan().Table.String(), string(u.event), at))
	}
	if u.attribute == "" {
		return &rejectedError{assignment.InvalidError{Field: e.table.String(), Reason: fmt.Sprintf(
			"does not let the %s happen: %s keeps the row from it, and nothing was written", u.event, cause)}, err}
	}
	return &rejectedError{assignment.InvalidError{Field: u.attribute, Reason: fmt.Sprintf(
		"is not what was asked for once the table has it%s: %s changes it, so that nothing was written",
		e.inColumn(u.attribute), cause)}, err}
}

// hostCode words the names of triggers and rules.
func hostCode(names string) string {
	switch {
	case names == "":
		return "a trigger or rule"
	case strings.Contains(names, ", "):
		return "one of " + names
	default:
		return names
	}
}

func (e *Engine) inColumn(attribute string) string {
	column := e.plan().ColumnOf(attribute)
	if column == "" {
		return ""
	}
	return " in its column " + column
}

// askWhy looks something up for an explanation, which does without it when that
// fails.
func (e *Engine) askWhy(ctx context.Context, q pgdb.Querier, sql string, args ...any) (text string) {
	if q != nil {
		text, _ = q.Text(ctx, sql, args...)
		return text
	}
	_ = e.reading(ctx, func() (err error) {
		text, err = e.db.Text(ctx, sql, args...)
		return err
	})
	return text
}
