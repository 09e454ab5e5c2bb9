package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/assignment-go/assignment/postgres/schema"
)

// inferenceSQL renders an insert whose plan tells which indexes arbitrate the
// predicate. It is only ever explained, never run.
func inferenceSQL(table, predicate string, c schema.Columns) string {
	key := schema.Quote(c.AssigneeID) + ", " + schema.Quote(c.SubjectID)
	columns := key + ", " + schema.Quote(c.Status)
	return fmt.Sprintf(`EXPLAIN (FORMAT JSON) INSERT INTO %[1]s (%[2]s) SELECT %[2]s FROM %[1]s
ON CONFLICT (%[3]s) WHERE %[4]s DO NOTHING`, table, columns, key, predicate)
}

// infers asks the planner whether the index arbitrates inserts under the
// predicate, which it does when the predicate implies that of the index.
func (j *judge) infers(ctx context.Context, table, predicate, indexName string) (bool, error) {
	if err := j.tx.Exec(ctx, `SAVEPOINT assignment_probe`); err != nil {
		return false, err
	}
	text, err := j.tx.Text(ctx, inferenceSQL(table, predicate, j.columns()))
	if rollbackErr := j.tx.Exec(ctx, `ROLLBACK TO SAVEPOINT assignment_probe`); rollbackErr != nil {
		return false, rollbackErr
	}
	if report, ok := j.engine.db.Describe(err); ok && report.Code == "42P10" {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	var plans []struct {
		Plan struct {
			Arbiters []string `json:"Conflict Arbiter Indexes"`
		} `json:"Plan"`
	}
	if err := json.Unmarshal([]byte(text), &plans); err != nil {
		return false, fmt.Errorf("read the plan of the guard probe: %w", err)
	}
	return len(plans) == 1 && slices.Contains(plans[0].Plan.Arbiters, indexName), nil
}
