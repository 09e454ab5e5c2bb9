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
	"github.com/assignment-go/assignment/postgres/schema"
)

// Check reports what stands between the table and its guarantee: the state of
// the guard and the columns, duplicates, NULLs, statuses that the lifecycle does
// not know, and rights that the role lacks. What it finds is in the report,
// also that the table does not exist; an error means that it could not look.
//
// It reads the whole table once or twice, in a READ ONLY transaction, and blocks
// nobody. The guard is judged as a store judges it. A table that no index could
// guard, or whose rows the role can't see, is not read at all.
func Check(ctx context.Context, pool *pgxpool.Pool, opts *Options) (Report, error) {
	s, err := opts.settle()
	if err != nil {
		return Report{}, err
	}
	report := inspection{Report: Report{Table: s.table.String(), Findings: []Finding{}, Statuses: []StatusCount{}}}
	err = snapshot(ctx, pool, func(tx pgx.Tx) error {
		t, err := lookup(ctx, tx, s)
		if err != nil {
			return err
		}
		report.inspected(t)
		return report.look(ctx, tx, reader{s, t})
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

// inspection is a report in the making.
type inspection struct {
	Report
	owner     bool // the role owns the table
	contested bool // some duplicates are none, perhaps: their status is not known
}

// look reads the rows and the rights.
func (r *inspection) look(ctx context.Context, tx pgx.Tx, rd reader) error {
	for _, look := range []func(context.Context, pgx.Tx, reader) error{
		r.lookForDuplicates, r.countStatuses, r.countNullKeys,
	} {
		if err := look(ctx, tx, rd); err != nil {
			return err
		}
	}
	r.missingRights(rd.t)
	return nil
}

// lookForDuplicates counts as the index would: without what a repair would
// rewrite first.
func (r *inspection) lookForDuplicates(ctx context.Context, tx pgx.Tx, rd reader) error {
	plain := *rd.settings
	plain.repair.Rewrite, plain.repair.NullStatus = nil, ""
	rd.settings = &plain
	suspects, err := rd.suspects(ctx, tx)
	if err != nil || len(suspects) == 0 {
		return err
	}
	r.DuplicateGroups = len(suspects)
	for _, ids := range suspects {
		r.DuplicateRows += len(ids)
	}
	if r.contested, err = rd.contested(ctx, tx, slices.Concat(suspects...)); err != nil {
		return err
	}
	r.Sample, err = rd.read(ctx, tx, slices.Concat(suspects[:min(rd.Sample, len(suspects))]...), unlocked)
	r.add(Finding{
		Kind: KindDuplicates, Remedy: ByRepair, Command: rd.repairCommand(rd.t),
		Detail: fmt.Sprintf("%d slots are held more than once, by %d rows in all", r.DuplicateGroups, r.DuplicateRows),
	})
	return err
}

func (r *inspection) countStatuses(ctx context.Context, tx pgx.Tx, rd reader) error {
	status := sqltext.Quote(rd.table.Columns.Status)
	rows, err := tx.Query(ctx, fmt.Sprintf("SELECT %s::text, count(*) FROM %s GROUP BY 1 ORDER BY 2 DESC, 1",
		status, rd.t.Table))
	if err != nil {
		return fmt.Errorf("count statuses: %w", err)
	}
	r.Statuses, err = pgx.CollectRows(rows, countOfStatus)
	if err != nil {
		return fmt.Errorf("count statuses: %w", err)
	}
	for i := range r.Statuses {
		r.judgeStatus(&r.Statuses[i], rd)
	}
	return nil
}

func (r *inspection) judgeStatus(c *StatusCount, rd reader) {
	if c.Status == nil {
		r.add(Finding{
			Kind: KindNullStatus, Remedy: ByRepair, Command: rd.nullStatusCommand(rd.t),
			Detail: fmt.Sprintf("%d rows have NULL as status and evade the index; give them the status that they mean", c.Rows),
		})
		return
	}
	c.Known, c.Terminal = rd.lifecycle.Knows(*c.Status), rd.lifecycle.IsTerminal(*c.Status)
	if !c.Known {
		r.add(unknownStatus(*c, rd))
	}
}

func unknownStatus(c StatusCount, rd reader) Finding {
	f := Finding{
		Kind: KindUnknownStatus, Remedy: ByRepair, Command: rd.rewriteCommand(rd.t, *c.Status),
		Detail: fmt.Sprintf("%d rows have the status %q, which the lifecycle does not know: they hold their slots. "+
			"Add it to the lifecycle, or rewrite it to the status that it means", c.Rows, *c.Status),
	}
	if f.Command == "" {
		f.Detail += `, in the member "rewrite_status" of the -config file, since no flag can write it`
	}
	return f
}

func (r *inspection) countNullKeys(ctx context.Context, tx pgx.Tx, rd reader) error {
	c := rd.table.Columns
	condition := fmt.Sprintf("%s IS NULL OR %s IS NULL OR %s IS NULL",
		sqltext.Quote(c.ID), sqltext.Quote(c.AssigneeID), sqltext.Quote(c.SubjectID))
	var n int64
	err := tx.QueryRow(ctx, fmt.Sprintf("SELECT count(*) FROM %s WHERE %s", rd.t.Table, condition)).Scan(&n)
	if err != nil {
		return fmt.Errorf("count NULL keys: %w", err)
	}
	if n > 0 {
		r.add(Finding{
			Kind: KindNullKeys, Remedy: ByOperator,
			Detail: fmt.Sprintf("%d rows have NULL as ID or key and evade the index; give them a value or delete them", n),
			SQL: []string{fmt.Sprintf("SELECT %s, %s, %s FROM %s WHERE %s;",
				sqltext.Quote(c.ID), sqltext.Quote(c.AssigneeID), sqltext.Quote(c.SubjectID), rd.t.Table, condition)},
		})
	}
	return nil
}

// missingRights reports the rights that a store needs and the role lacks.
func (r *inspection) missingRights(t *table) {
	for _, right := range t.Catalog.MissingRights {
		r.add(Finding{
			Kind: KindPrivilege, Remedy: ByOperator,
			Detail: fmt.Sprintf("the role may not %s, which a store needs", right),
			SQL:    []string{fmt.Sprintf("GRANT %s ON %s TO …;", right, t.Table)},
		})
	}
}

// inspected copies what the inspection found, and whether the role could fix it.
func (r *inspection) inspected(t *table) {
	r.owner, r.Guard = t.Catalog.Owner, t.Guard
	if f, found := t.coarser(); found {
		r.add(f)
	}
	for _, f := range t.Findings {
		r.add(findingOf(f))
	}
	for _, f := range t.Warnings {
		w := findingOf(f)
		w.Remedy, w.Command = ByOperator, ""
		r.Warnings = append(r.Warnings, w)
	}
}

// unworkable are the findings after which there is nothing to run.
func (r *inspection) unworkable(findings []assignment.GuardFinding) {
	for _, f := range findings {
		found := findingOf(f)
		found.Remedy, found.Command = ByOperator, ""
		r.add(found)
	}
}

// findingOf adds who fixes a problem of the guard.
func findingOf(f assignment.GuardFinding) Finding {
	found := Finding{Kind: Kind(f.Problem), Remedy: ByGuard, Detail: f.Detail, SQL: f.Fix, Command: "assignment guard -apply"}
	switch f.Problem {
	case schema.GuardMissing, schema.GuardInvalid, schema.GuardNotUnique, schema.GuardFullIndex,
		schema.GuardOtherPredicate, schema.GuardOtherComparison:
	case schema.GuardNullable:
		if len(f.Fix) == 0 { // a foreign key sets it to NULL
			found.Remedy, found.Command = ByOperator, ""
		}
	default:
		found.Remedy, found.Command = ByOperator, ""
	}
	return found
}

func notOwner() Finding {
	return Finding{
		Kind: KindNotOwner, Remedy: ByOperator,
		Detail: "the role does not own the table, so it can't build the guard; run it as the owner",
	}
}

func (r *inspection) add(f Finding) { r.Findings = append(r.Findings, f) }

// premature reports whether a command would be refused until something else is
// decided.
func (r *inspection) premature(f Finding) bool {
	unknown := f.Kind == KindDuplicates && r.contested
	return unknown || r.Has(KindCoarser) && f.Remedy != ByOperator
}

// finish adds who must run the steps, and sorts.
func (r *inspection) finish() {
	guards := slices.ContainsFunc(r.Findings, func(f Finding) bool { return f.Remedy == ByGuard })
	if guards && !r.owner {
		r.add(notOwner())
	}
	for i := range r.Findings {
		if r.premature(r.Findings[i]) {
			r.Findings[i].Command = ""
		}
	}
	order := []Remedy{ByOperator, ByRepair, ByGuard}
	slices.SortStableFunc(r.Findings, func(a, b Finding) int {
		return cmp.Compare(slices.Index(order, a.Remedy), slices.Index(order, b.Remedy))
	})
}
