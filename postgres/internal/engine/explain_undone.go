package engine

import (
	"context"
	"fmt"
	"strings"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/pgdb"
	"github.com/assignment-go/assignment/postgres/internal/sqlgen"
)

// undone turns an undone statement into the error that names the attribute and the
// code of the host's that caused it. The querier is for asking; nil when no
// transaction is under way.
func (e *Engine) undone(ctx context.Context, q pgdb.Querier, u *undoneError, err error) error {
	cause := "a row-level security policy"
	if !u.policy {
		cause = hostCode(e.askWhy(ctx, q, e.plan().HostCode(u.event, u.after)))
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
func (e *Engine) askWhy(ctx context.Context, q pgdb.Querier, why sqlgen.Bound) (text string) {
	if q != nil {
		text, _ = q.Text(ctx, why.SQL, why.Args...)
		return text
	}
	_ = e.reading(ctx, func() (err error) {
		text, err = e.db.Text(ctx, why.SQL, why.Args...)
		return err
	})
	return text
}
