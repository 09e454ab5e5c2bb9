package adopt

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/schema"
)

// partitioned plans the guard of a partitioned table, for which there is no
// concurrent build: it is declared on the parent alone, built concurrently on
// each partition, and attached. With the last of them the parent's is valid.
func (p *planner) partitioned(ctx context.Context, t *table, n *guardNode) error {
	if n.exists && n.valid {
		return nil
	}
	if err := p.checkPartitionKey(ctx, t); err != nil {
		return err
	}
	if !n.exists {
		n.steps = append(n.steps, p.createOnly(t, n.name))
	}
	children, err := t.children(ctx, p.tx)
	if err != nil {
		return err
	}
	parent := schema.Table{Schema: t.Schema, Name: n.name}.String()
	for _, child := range children {
		below, err := p.node(ctx, &child)
		if err != nil {
			return err
		}
		n.steps = append(n.steps, below.steps...)
		if !n.exists || below.parent != n.oid {
			n.steps = append(n.steps, attach(parent, schema.Table{Schema: child.Schema, Name: below.name}.String()))
		}
	}
	return nil
}

// children returns the direct partitions.
func (t *table) children(ctx context.Context, tx pgx.Tx) ([]table, error) {
	rows, err := tx.Query(ctx, `SELECT c.oid, n.nspname, c.relname, c.relkind::text
		FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE i.inhparent = $1::oid ORDER BY n.nspname, c.relname`, t.OID)
	if err != nil {
		return nil, fmt.Errorf("list partitions: %w", err)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (table, error) {
		var child table
		err := row.Scan(&child.OID, &child.Schema, &child.Name, &child.Kind)
		return child, err
	})
}

// checkPartitionKey refuses a table whose unique indexes can't be on the key
// alone.
func (p *planner) checkPartitionKey(ctx context.Context, t *table) error {
	c := p.table.Columns
	var fits bool
	err := p.tx.QueryRow(ctx, `SELECT bool_and(COALESCE(a.attname IN ($2, $3), false))
		FROM pg_partitioned_table pt, unnest(pt.partattrs::int2[]) AS k (attnum)
		LEFT JOIN pg_attribute a ON a.attrelid = $1::oid AND a.attnum = k.attnum AND k.attnum > 0
		WHERE pt.partrelid = $1::oid`, t.OID, c.AssigneeID, c.SubjectID).Scan(&fits)
	if err != nil || fits {
		return err
	}
	return p.unguarded(assignment.GuardFinding{
		Problem: assignment.GuardOtherColumns,
		Detail: fmt.Sprintf("%s is not partitioned by %s or %s alone, so that no unique index can span its partitions",
			t.named(p.settings), schema.Quote(c.AssigneeID), schema.Quote(c.SubjectID)),
	})
}
