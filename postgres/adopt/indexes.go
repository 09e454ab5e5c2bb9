package adopt

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/assignment-go/assignment/postgres/schema"
)

// index is one index of the table, or of one of its partitions.
type index struct {
	OID        uint32   `json:"oid"`
	Schema     string   `json:"schema"`
	Name       string   `json:"name"`
	Parent     uint32   `json:"parent"`     // the index of the parent that it is attached to
	Constraint string   `json:"constraint"` // the constraint that owns it
	Primary    bool     `json:"is_primary"`
	Columns    []string `json:"columns"` // key columns; "" for an expression
	Predicate  string   `json:"predicate"`
	Unique     bool     `json:"is_unique"`
	Usable     bool     `json:"usable"` // valid, ready and live
	// Plain is false for a deferrable constraint, NULLS NOT DISTINCT, and
	// collations under which distinct keys are equal: neither is a guard.
	Plain bool `json:"plain"`
}

const indexesSQL = `SELECT COALESCE(jsonb_agg(jsonb_build_object(
    'oid', i.indexrelid::bigint, 'schema', n.nspname, 'name', c.relname,
    'parent', COALESCE((SELECT inhparent::bigint FROM pg_inherits WHERE inhrelid = i.indexrelid), 0),
    'constraint', COALESCE((
      SELECT conname FROM pg_constraint
      WHERE conindid = i.indexrelid AND conrelid = i.indrelid AND contype IN ('p', 'u', 'x')), ''),
    'columns', (
      SELECT jsonb_agg(COALESCE(a.attname, '') ORDER BY k.n)
      FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS k (attnum, n)
      LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum AND k.attnum > 0
      WHERE k.n <= i.indnkeyatts),
    'predicate', COALESCE(pg_get_expr(i.indpred, i.indrelid), ''),
    'is_primary', i.indisprimary, 'is_unique', i.indisunique,
    'usable', i.indisvalid AND i.indisready AND i.indislive,
    'plain', i.indimmediate
      -- the column is absent before PostgreSQL 15
      AND NOT COALESCE((to_jsonb(i) ->> 'indnullsnotdistinct')::boolean, false)
      AND NOT EXISTS (
        SELECT FROM unnest(i.indcollation::oid[]) AS used (oid)
        JOIN pg_collation l ON l.oid = used.oid AND NOT l.collisdeterministic)
  ) ORDER BY c.relname), '[]')::text
FROM pg_index i
JOIN pg_class c ON c.oid = i.indexrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE i.indrelid = $1::oid`

func (t *table) indexes(ctx context.Context, q querier) ([]index, error) {
	var text string
	if err := q.QueryRow(ctx, indexesSQL, t.OID).Scan(&text); err != nil {
		return nil, fmt.Errorf("list indexes of %s: %w", t.Name, err)
	}
	var indexes []index
	if err := json.Unmarshal([]byte(text), &indexes); err != nil {
		return nil, fmt.Errorf("list indexes of %s: %w", t.Name, err)
	}
	return indexes, nil
}

// String is the full name, quoted.
func (i index) String() string { return schema.Quote(i.Schema) + "." + schema.Quote(i.Name) }

// onKey reports whether the index is meant for the key: unique, and on exactly
// its columns.
func (i index) onKey(c schema.Columns) bool {
	return i.Unique && len(i.Columns) == 2 &&
		slices.Contains(i.Columns, c.AssigneeID) && slices.Contains(i.Columns, c.SubjectID)
}

// identifies reports whether a row can be addressed by its ID, together with
// its key: partitioned tables must have that in every unique index.
func (i index) identifies(c schema.Columns) bool {
	return i.Unique && i.Usable && i.Predicate == "" && slices.Contains(i.Columns, c.ID) &&
		!slices.ContainsFunc(i.Columns, func(name string) bool {
			return name != c.ID && name != c.AssigneeID && name != c.SubjectID
		})
}

// role is what an index on the key is to the guard.
type role int

const (
	roleNone     role = iota // another rule of the host: it stays
	roleGuard                // it guards
	roleLeftover             // a build that did not end
	roleWrong                // it was meant to guard and does not, or forbids too much
)

// judge compares predicates with the one that the lifecycle asks for.
type judge struct {
	*settings
	tx pgx.Tx
}

// newJudge prepares the transaction for proofs.
func newJudge(ctx context.Context, tx pgx.Tx, s *settings) (judge, error) {
	_, err := tx.Exec(ctx, "SET LOCAL constraint_exclusion = on")
	return judge{s, tx}, err
}

func (j judge) role(ctx context.Context, t *table, i index) (role, error) {
	switch {
	case !i.onKey(j.table.Columns) || i.Primary:
		return roleNone, nil
	case !i.Usable && t.Kind != "p":
		return roleLeftover, nil
	case i.Predicate == "" || !i.Plain:
		return roleWrong, nil
	}
	expected := schema.Predicate(j.table.Columns.Status, j.lifecycle)
	const without, both = "(%s) AND NOT (%s)", "(%s) AND (%s)"
	covers, err := j.never(ctx, t, fmt.Sprintf(without, expected, i.Predicate))
	if err != nil {
		return roleNone, err
	}
	covered, err := j.never(ctx, t, fmt.Sprintf(without, i.Predicate, expected))
	if err != nil {
		return roleNone, err
	}
	disjoint, err := j.never(ctx, t, fmt.Sprintf(both, i.Predicate, expected))
	switch {
	case covers && covered:
		return roleGuard, err
	case disjoint:
		return roleNone, err
	default:
		return roleWrong, err
	}
}

// never asks the planner to prove that no row can meet the condition. It only
// plans, so it needs neither an index nor a copy of the table to try on. The
// subquery keeps CHECK constraints of the table out of the proof, which can
// change without the index.
func (j judge) never(ctx context.Context, t *table, condition string) (bool, error) {
	rows, err := j.tx.Query(ctx, fmt.Sprintf("EXPLAIN (FORMAT JSON) SELECT FROM (TABLE %s OFFSET 0) AS t WHERE %s",
		t.named(j.settings), condition))
	if err != nil {
		return false, fmt.Errorf("compare predicates: %w", err)
	}
	text, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[string])
	if err != nil {
		return false, fmt.Errorf("compare predicates: %w", err)
	}
	var plans []struct {
		Plan struct {
			NodeType      string `json:"Node Type"`
			OneTimeFilter string `json:"One-Time Filter"`
		} `json:"Plan"`
	}
	if err := json.Unmarshal([]byte(text), &plans); err != nil {
		return false, fmt.Errorf("compare predicates: %w", err)
	}
	return len(plans) == 1 && plans[0].Plan.NodeType == "Result" && plans[0].Plan.OneTimeFilter == "false", nil
}
