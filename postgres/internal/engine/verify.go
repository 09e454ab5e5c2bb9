package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"

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
	findings := e.checkColumns(c)
	if guardable(findings) {
		return e.verifyIndexes(ctx, tx, c, findings)
	}
	return schema.Guard{}, e.guardError(findings...)
}

// guardable reports whether the expected index could be built at all.
func guardable(findings []assignment.GuardFinding) bool {
	return !slices.ContainsFunc(findings, func(f assignment.GuardFinding) bool {
		return f.Problem == assignment.GuardNoColumn || f.Problem == assignment.GuardColumnType
	})
}

func (e *Engine) guardError(findings ...assignment.GuardFinding) error {
	return &assignment.GuardError{Table: e.table.String(), Findings: findings}
}

// checkColumns looks for columns that are missing or could evade the index.
func (e *Engine) checkColumns(c *catalog) []assignment.GuardFinding {
	var findings []assignment.GuardFinding
	for _, name := range columnNames() {
		if c.column(name) == nil {
			findings = append(findings, assignment.GuardFinding{
				Problem: assignment.GuardNoColumn,
				Detail:  fmt.Sprintf("column %s does not exist", schema.Quote(name)),
			})
		}
	}
	for _, name := range []string{schema.ColumnID, schema.ColumnAssigneeID, schema.ColumnSubjectID, schema.ColumnStatus} {
		if col := c.column(name); col != nil {
			findings = append(findings, e.checkColumn(*col)...)
		}
	}
	for _, col := range c.Columns {
		if col.Required && !slices.Contains(columnNames(), col.Name) {
			findings = append(findings, assignment.GuardFinding{
				Problem: assignment.GuardColumnRequired,
				Detail:  fmt.Sprintf("column %s must be given on insert, which the SDK can't do", schema.Quote(col.Name)),
				Fix:     []string{fmt.Sprintf("ALTER TABLE %s ALTER COLUMN %s SET DEFAULT …;", e.table, schema.Quote(col.Name))},
			})
		}
	}
	return findings
}

func (e *Engine) checkColumn(col column) []assignment.GuardFinding {
	var findings []assignment.GuardFinding
	alter := fmt.Sprintf("ALTER TABLE %s ALTER COLUMN %s ", e.table, schema.Quote(col.Name))
	if !col.NotNull {
		findings = append(findings, assignment.GuardFinding{
			Problem: assignment.GuardNullable,
			Detail:  fmt.Sprintf("column %s accepts NULL, and a row with NULL evades the index", schema.Quote(col.Name)),
			Fix:     []string{alter + "SET NOT NULL;"},
		})
	}
	if !supported(col.Type) {
		findings = append(findings, assignment.GuardFinding{
			Problem: assignment.GuardColumnType,
			Detail: fmt.Sprintf("column %s is of type %s, which is not supported: text and varchar are",
				schema.Quote(col.Name), col.Type),
		})
	} else if !col.Deterministic {
		findings = append(findings, assignment.GuardFinding{
			Problem: assignment.GuardColumnType,
			Detail:  fmt.Sprintf("column %s has a collation under which distinct values are equal", schema.Quote(col.Name)),
			Fix:     []string{fmt.Sprintf(`%sTYPE %s COLLATE "C";`, alter, col.Type)},
		})
	}
	return findings
}

// supported accepts the types whose equality is that of their bytes, and whose
// values are any text. In bpchar trailing spaces do not count, in citext the
// case does not.
func supported(typeName string) bool {
	return typeName == "text" || typeName == "character varying"
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
