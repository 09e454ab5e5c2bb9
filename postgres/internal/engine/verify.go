package engine

import (
	"context"
	"errors"
	"fmt"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/schema"
)

// Verify checks that the table and its guard keep the guarantee, in a
// transaction that is rolled back. See [schema.Guard] for what it returns; what
// is missing is an *assignment.GuardError.
func (e *Engine) Verify(ctx context.Context) (schema.Guard, error) {
	var guard schema.Guard
	var unguarded *assignment.GuardError
	err := e.reading(ctx, func() error {
		tx, err := e.db.Begin(ctx)
		if err != nil {
			return err
		}
		guard, err = e.verify(ctx, tx)
		if errors.As(err, &unguarded) {
			err = nil // a finding, not a failure of the check
		}
		return errors.Join(err, tx.Rollback(ctx))
	})
	if err == nil && unguarded != nil {
		return schema.Guard{}, unguarded
	}
	return guard, err
}

func (e *Engine) verify(ctx context.Context, tx Tx) (schema.Guard, error) {
	c, err := inspect(ctx, tx, e.table.String())
	if err != nil {
		return schema.Guard{}, err
	}
	if c == nil {
		return schema.Guard{}, e.guardError(assignment.GuardFinding{
			Problem: assignment.GuardNoTable,
			Detail:  fmt.Sprintf("table %s does not exist, or its schema is not in the search_path", e.table),
		})
	}
	s := &survey{engine: e, catalog: c, layout: newLayout(e.table)}
	s.run()
	if !s.guardable {
		return schema.Guard{}, e.guardError(s.findings...)
	}
	guard, err := e.verifyIndexes(ctx, tx, c, s.findings)
	if err == nil {
		e.rendered.Store(render(e.table, e.lifecycle, s.layout))
	}
	return guard, err
}

func (e *Engine) guardError(findings ...assignment.GuardFinding) error {
	return &assignment.GuardError{Table: e.table.String(), Findings: findings}
}

// verifyIndexes looks for one index that is the guard, and for others that are
// stricter than it.
func (e *Engine) verifyIndexes(
	ctx context.Context, tx Tx, c *catalog, findings []assignment.GuardFinding,
) (schema.Guard, error) {
	j := &judge{engine: e, tx: tx, catalog: c}
	if err := j.prepare(ctx); err != nil {
		return schema.Guard{}, err
	}
	for _, i := range c.Indexes {
		if err := j.consider(ctx, i); err != nil {
			return schema.Guard{}, err
		}
	}
	if findings = append(findings, j.findings()...); len(findings) > 0 {
		return schema.Guard{}, e.guardError(findings...)
	}
	return *j.guard, nil
}
