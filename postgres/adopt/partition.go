package adopt

import (
	"context"

	"github.com/assignment-go/assignment/postgres/internal/guard"
	"github.com/assignment-go/assignment/postgres/schema"
)

// partitioned plans the guard of a partitioned table, which has no concurrent build:
// it is declared on the parent alone, built concurrently on each partition, and
// attached. The last one attached makes the parent's valid.
func (p *planner) partitioned(ctx context.Context, r *guard.Report, n *guardNode) error {
	if n.exists && n.valid {
		return nil
	}
	if !n.exists {
		n.steps = append(n.steps, p.createOnly(r.Table, n.name))
	}
	parent := schema.Table{Schema: r.Table.Schema, Name: n.name}.String()
	for _, child := range r.Catalog.Partitions {
		part := p.table
		part.Schema, part.Name = child.Schema, child.Name
		report, err := guard.Inspect(ctx, inspector{p.tx}, guard.Spec{Table: part, Lifecycle: p.lifecycle})
		if err != nil {
			return err
		}
		below, err := p.node(ctx, report)
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
