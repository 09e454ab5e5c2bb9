package engine

import (
	"context"
	"fmt"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/sqltext"
	"github.com/assignment-go/assignment/postgres/schema"
)

// unguarded reports that the table no longer has what the guarantee needs.
func (e *Engine) unguarded(ctx context.Context, problem assignment.GuardProblem, err error) error {
	finding := assignment.GuardFinding{Problem: problem, Detail: "it is gone since the store was opened"}
	switch {
	case problem == schema.GuardRewriteRule:
		finding.Detail = "a rewrite rule that was added since the store was opened puts other statements in the place of those " +
			"that the store sends"
	case problem == schema.GuardMissing && e.lacksID(ctx):
		finding = e.noUniqueID()
	case problem == schema.GuardMissing:
		finding.Fix = []string{e.plan().CreateGuard() + ";"}
	}
	unguarded := &assignment.GuardError{Table: e.table.String(), Findings: []assignment.GuardFinding{finding}}
	return fmt.Errorf("%w: %w", unguarded, err)
}

// lacksID reports whether the index is missing that makes the ID unique. The
// server reports that in the same words as a missing guard (42P10).
func (e *Engine) lacksID(ctx context.Context) bool {
	p := e.plan()
	if p.DatabaseIDs || p.IDNotUnique {
		return false
	}
	return e.askWhy(ctx, nil, p.UniqueIDs()) == "0"
}

func (e *Engine) noUniqueID() assignment.GuardFinding {
	column := sqltext.Quote(e.table.Columns.ID)
	return assignment.GuardFinding{
		Problem: schema.GuardNoPrimaryKey,
		Detail: "the unique index on the column " + column + " is gone since the store was opened, " +
			"so that a retry could create a second row",
		Fix: []string{fmt.Sprintf("ALTER TABLE %s ADD PRIMARY KEY (%s);", e.plan().Table, column)},
	}
}
