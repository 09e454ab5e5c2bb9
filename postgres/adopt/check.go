package adopt

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/sqltext"
)

// Check reports what keeps the table from being guarded: the state of the guard and
// the columns, duplicates, NULLs, statuses that the lifecycle does not know, and
// rights that the role lacks. What it finds is in the report, even that the table
// does not exist; an error means that the check itself failed.
//
// It reads the whole table once or twice, in a READ ONLY transaction, and blocks
// nobody. It inspects the guard as a store does. It does not read the rows of a
// table that no index could guard, or whose rows the role can't see.
func Check(ctx context.Context, pool *pgxpool.Pool, opts *Options) (Report, error) {
	s, err := opts.resolve()
	if err != nil {
		return Report{}, err
	}
	report := reporter{Report: Report{Table: s.table.String(), Findings: []Finding{}, Statuses: []StatusCount{}}}
	err = snapshot(ctx, pool, func(tx pgx.Tx) error {
		t, err := inspect(ctx, tx, s)
		if err != nil {
			return err
		}
		report.inspected(t)
		return report.read(ctx, tx, reader{s, t})
	})
	if unguarded, ok := errors.AsType[*assignment.GuardError](err); ok {
		report.unworkable(unguarded.Findings)
		return report.Report, nil
	}
	if err != nil {
		return Report{}, fmt.Errorf("check: %w", classify(ctx, err))
	}
	report.finish()
	return report.Report, nil
}

// reporter builds a report.
type reporter struct {
	Report
	owner     bool // the role owns the table
	undecided bool // a status that the lifecycle does not know competes for a slot
}

func (r *reporter) add(f Finding) { r.Findings = append(r.Findings, f) }

// inspected copies what the inspection of the catalog found.
func (r *reporter) inspected(t *table) {
	r.owner, r.Guard = t.Catalog.Owner, t.Guard
	if f, found := t.coarser(); found {
		r.add(f)
	}
	for _, f := range t.Findings {
		r.add(findingOf(f))
	}
	for _, f := range t.Warnings {
		r.Warnings = append(r.Warnings, operatorFinding(f))
	}
	for _, right := range t.Catalog.MissingRights {
		r.add(missingRight(right, t.Table))
	}
}

// unworkable copies the findings after which there is nothing to run.
func (r *reporter) unworkable(findings []assignment.GuardFinding) {
	for _, f := range findings {
		r.add(operatorFinding(f))
	}
}

// read reports what the rows show.
func (r *reporter) read(ctx context.Context, tx pgx.Tx, rd reader) error {
	for _, read := range []func(context.Context, pgx.Tx, reader) error{r.duplicates, r.statuses, r.nullKeys} {
		if err := read(ctx, tx, rd); err != nil {
			return err
		}
	}
	return nil
}

// duplicates counts as the index would: without what a repair would rewrite first.
func (r *reporter) duplicates(ctx context.Context, tx pgx.Tx, rd reader) error {
	rd = rd.withoutRewriting()
	slots, err := rd.candidates(ctx, tx)
	if err != nil || len(slots) == 0 {
		return err
	}
	ids := slices.Concat(slots...)
	r.DuplicateGroups, r.DuplicateRows = len(slots), len(ids)
	if r.undecided, err = rd.hasUnknown(ctx, tx, ids); err != nil {
		return err
	}
	r.Sample, err = rd.read(ctx, tx, slices.Concat(slots[:min(rd.Sample, len(slots))]...), unlocked)
	r.add(rd.duplicatesFinding(r.DuplicateGroups, r.DuplicateRows))
	return err
}

func (r *reporter) statuses(ctx context.Context, tx pgx.Tx, rd reader) error {
	rows, err := tx.Query(ctx, fmt.Sprintf("SELECT %s::text, count(*) FROM %s GROUP BY 1 ORDER BY 2 DESC, 1",
		sqltext.Quote(rd.table.Columns.Status), rd.t.Table))
	if err != nil {
		return fmt.Errorf("count statuses: %w", err)
	}
	r.Statuses, err = pgx.CollectRows(rows, countOfStatus)
	if err != nil {
		return fmt.Errorf("count statuses: %w", err)
	}
	for i := range r.Statuses {
		c := &r.Statuses[i]
		if c.Status == nil {
			r.add(rd.nullStatus(c.Rows))
			continue
		}
		c.Known, c.Terminal = rd.lifecycle.Knows(*c.Status), rd.lifecycle.IsTerminal(*c.Status)
		if !c.Known {
			r.add(rd.unknownStatus(*c.Status, c.Rows))
		}
	}
	return nil
}

func (r *reporter) nullKeys(ctx context.Context, tx pgx.Tx, rd reader) error {
	c := rd.table.Columns
	condition := fmt.Sprintf("%s IS NULL OR %s IS NULL OR %s IS NULL",
		sqltext.Quote(c.ID), sqltext.Quote(c.AssigneeID), sqltext.Quote(c.SubjectID))
	var n int64
	err := tx.QueryRow(ctx, fmt.Sprintf("SELECT count(*) FROM %s WHERE %s", rd.t.Table, condition)).Scan(&n)
	if err != nil {
		return fmt.Errorf("count NULL keys: %w", err)
	}
	if n > 0 {
		r.add(rd.nullKeys(n, condition))
	}
	return nil
}

// finish reports a missing ownership, drops the commands that would be rejected, and
// sorts.
func (r *reporter) finish() {
	guards := slices.ContainsFunc(r.Findings, func(f Finding) bool { return f.Remedy == ByGuard })
	if guards && !r.owner {
		r.add(notOwner())
	}
	for i := range r.Findings {
		if r.rejected(r.Findings[i]) {
			r.Findings[i].Command = ""
		}
	}
	order := []Remedy{ByOperator, ByRepair, ByGuard}
	slices.SortStableFunc(r.Findings, func(a, b Finding) int {
		return cmp.Compare(slices.Index(order, a.Remedy), slices.Index(order, b.Remedy))
	})
}

// rejected reports whether the command would be rejected until something else is
// decided.
func (r *reporter) rejected(f Finding) bool {
	return r.undecided && f.Kind == KindDuplicates || r.Has(KindCoarser) && f.Remedy != ByOperator
}
