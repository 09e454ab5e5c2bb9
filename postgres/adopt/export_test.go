package adopt

import (
	"context"
	"slices"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/guard"
)

// Classify is what wraps an error in a sentinel.
var Classify = classify

// FindingOf is what says who fixes a problem of the guard.
var FindingOf = findingOf

// Batches is what divides slots into transactions.
var Batches = batches

// Unit is the part of a run that needs no server: options, and a table as an
// inspection would report it.
type Unit struct{ r reader }

// NewUnit resolves the options.
func NewUnit(opts *Options, report *guard.Report) (Unit, error) {
	s, err := opts.resolve()
	if err != nil {
		return Unit{}, err
	}
	return Unit{reader{s, &table{report, s}}}, nil
}

// Resolved returns the options with every default filled in.
func (u Unit) Resolved() (Options, RepairOptions) { return u.r.Options, u.r.repair }

// Decide returns the changes of a group.
func (u Unit) Decide(g Group) (retired, rewritten []Change, err error) { return u.r.decide(g) }

// Sort orders rows as a group has them.
func (u Unit) Sort(rows []Row) { slices.SortStableFunc(rows, u.r.compare) }

// RewriteCommand is the command proposed for an unknown status.
func (u Unit) RewriteCommand(s assignment.Status) string { return u.r.rewriteCommand(u.r.t, s) }

// NullStatusCommand is the command proposed for rows without a status.
func (u Unit) NullStatusCommand() string { return u.r.nullStatusCommand(u.r.t) }

// Steps are those for a table whose indexes need no look at the server.
func (u Unit) Steps() ([]Step, error) {
	p := &planner{settings: u.r.settings, plan: &GuardPlan{}}
	n, err := p.node(context.Background(), u.r.t.Report)
	return slices.Concat(p.waits, p.first, n.steps, p.last), err
}

// CreateOnly is the step that declares the guard of a partitioned table.
func (u Unit) CreateOnly(name string) Step { return u.r.createOnly(u.r.t.Table, name) }

// Attach is the step that attaches the index of a partition.
var Attach = attach

// Temporary is the step that prevents new duplicates.
func (u Unit) Temporary(name, condition string) Step {
	return u.r.createTemporary(u.r.t.Table, name, condition)
}

// NotNull are the steps that make columns NOT NULL.
func (u Unit) NotNull(columns ...string) []Step { return u.r.t.notNull(columns) }

// SQL are the statements of a repair.
func (u Unit) SQL() map[string]string {
	audit := u.r.t.Table
	audit.Name = u.r.repair.AuditTable
	return map[string]string{
		"candidates": u.r.candidatesSQL(), "read": u.r.readSQL(forUpdate), "change": u.r.changeSQL(audit),
		"rehearsal": u.r.rehearsalSQL(), "checks": u.r.evaluateSQL(u.r.affectedChecks()),
	}
}
