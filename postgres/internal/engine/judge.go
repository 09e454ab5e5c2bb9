package engine

import (
	"context"
	"fmt"
	"slices"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/schema"
)

// cloneTable is the empty twin on which PostgreSQL itself normalises the
// expected index. It lives in the session's temporary schema until the
// verification rolls back.
const cloneTable = `pg_temp."assignment_guard_clone"`

// judge compares the indexes of the table with the expected guard. PostgreSQL
// rewrites predicates when it stores them, so texts are only ever compared
// after it has normalised both; what is worded differently is then compared by
// whether the planner can prove each predicate from the other.
type judge struct {
	engine   *Engine
	tx       Tx
	catalog  *catalog
	expected index
	guard    *schema.Guard
	rejected []assignment.GuardFinding
	stricter []assignment.GuardFinding
}

func (j *judge) columns() schema.Columns { return j.engine.table.Columns }

// prepare builds the expected index on an empty clone of the table.
func (j *judge) prepare(ctx context.Context) error {
	e := j.engine
	create := fmt.Sprintf(`CREATE TEMPORARY TABLE "assignment_guard_clone" (LIKE %s)`, e.table)
	if err := j.tx.Exec(ctx, create); err != nil {
		return e.unverifiable(err)
	}
	target := schema.Table{Schema: "pg_temp", Name: "assignment_guard_clone", Columns: e.table.Columns}
	if err := j.tx.Exec(ctx, schema.GuardSQL(target, e.lifecycle)); err != nil {
		return e.unverifiable(err)
	}
	c, err := inspect(ctx, j.tx, cloneTable)
	if err != nil {
		return err
	}
	j.expected = c.Indexes[0]
	return nil
}

// unverifiable explains a clone that the server refused; a lost connection is
// left to the caller.
func (e *Engine) unverifiable(err error) error {
	report, ok := e.db.Describe(err)
	if !ok || report.Code != "42501" {
		return err
	}
	return e.guardError(assignment.GuardFinding{
		Problem: assignment.GuardUnverifiable,
		Detail:  "the role may not create the temporary table that the check compares with: " + err.Error(),
		Fix:     []string{"GRANT TEMPORARY ON DATABASE … TO …;"},
	})
}

// consider sorts one index: the guard, harmless, or a problem.
func (j *judge) consider(ctx context.Context, i index) error {
	if !i.Unique || !i.withinKey(j.columns()) {
		return j.considerLookalike(i)
	}
	if !i.onKey(j.columns()) {
		j.stricter = append(j.stricter, j.tooStrict(i))
		return nil
	}
	if i.Predicate == "" {
		j.reject(assignment.GuardFullIndex, i, "has no predicate, so that a completed assignment could not repeat")
		j.stricter = append(j.stricter, j.tooStrict(i))
		return nil
	}
	if !i.usable() {
		j.reject(assignment.GuardInvalid, i, fmt.Sprintf(
			"is not usable (valid %t, ready %t, live %t), as a failed or unfinished build leaves it", i.Valid, i.Ready, i.Live))
		return nil
	}
	if !i.Deterministic {
		j.reject(assignment.GuardColumnType, i, "has a collation under which distinct keys are equal")
		return nil
	}
	return j.considerPredicate(ctx, i)
}

// considerLookalike remembers what was probably meant to be the guard.
func (j *judge) considerLookalike(i index) error {
	if i.onKey(j.columns()) && !i.Unique && i.Predicate == j.expected.Predicate {
		j.reject(assignment.GuardNotUnique, i, "is not unique")
	}
	return nil
}

func (j *judge) considerPredicate(ctx context.Context, i index) error {
	if i.Predicate == j.expected.Predicate && !i.NullsNotDistinct && slices.Equal(i.Columns, j.expected.Columns) {
		j.accept(i, true)
		return nil
	}
	covers, err := j.infers(ctx, j.engine.table.String(), j.engine.plan().activeOnly, i.Name)
	if err != nil {
		return err
	}
	covered, err := j.infers(ctx, cloneTable, i.Predicate, j.expected.Name)
	if err != nil {
		return err
	}
	switch {
	case covers && covered:
		j.accept(i, false)
	case covers:
		j.reject(assignment.GuardOtherPredicate, i, j.difference(i, "also covers rows that hold no slot"))
		j.stricter = append(j.stricter, j.tooStrict(i))
	default:
		j.reject(assignment.GuardOtherPredicate, i, j.difference(i, "does not cover every row that holds its slot"))
	}
	return nil
}

// accept prefers an exact match over an equivalent one.
func (j *judge) accept(i index, exact bool) {
	if j.guard != nil && j.guard.Exact {
		return
	}
	j.guard = &schema.Guard{Index: i.Name, Definition: i.Definition, Predicate: i.Predicate, Expected: j.expected.Predicate, Exact: exact}
}

func (j *judge) reject(p assignment.GuardProblem, i index, why string) {
	j.rejected = append(j.rejected, assignment.GuardFinding{
		Problem: p,
		Detail:  fmt.Sprintf("index %s %s", schema.Quote(i.Name), why) + j.duplicatesHint(),
		Fix:     []string{j.createGuard(), j.drop(i)},
	})
}

// tooStrict reports a unique index that refuses what the lifecycle allows. It
// is a finding even beside a good guard: it turns good creates into failures.
func (j *judge) tooStrict(i index) assignment.GuardFinding {
	problem := assignment.GuardOtherColumns
	if i.onKey(j.columns()) {
		problem = assignment.GuardFullIndex
		if i.Predicate != "" {
			problem = assignment.GuardOtherPredicate
		}
	}
	return assignment.GuardFinding{
		Problem: problem,
		Detail:  fmt.Sprintf("unique index %s is stricter than the guard: %s", schema.Quote(i.Name), i.Definition),
		Fix:     []string{j.drop(i)},
	}
}

func (j *judge) difference(i index, consequence string) string {
	return fmt.Sprintf("has the predicate %s, expected %s: it %s, unless the store is opened with the lifecycle that it was built for",
		i.Predicate, j.expected.Predicate, consequence)
}

// findings is empty when there is a guard and nothing stricter beside it.
func (j *judge) findings() []assignment.GuardFinding {
	columns := j.columns()
	findings := slices.Clone(j.stricter)
	if j.guard == nil {
		findings = append(slices.Clone(j.rejected), j.stricterElsewhere()...)
	}
	if j.guard == nil && len(j.rejected) == 0 {
		findings = append(findings, assignment.GuardFinding{
			Problem: assignment.GuardMissing,
			Detail:  fmt.Sprintf("no unique index guards (%s, %s)", columns.AssigneeID, columns.SubjectID) + j.duplicatesHint(),
			Fix:     []string{j.createGuard()},
		})
	}
	if !slices.ContainsFunc(j.catalog.Indexes, func(i index) bool { return i.guardsID(columns) }) {
		id := schema.Quote(columns.ID)
		findings = append(findings, assignment.GuardFinding{
			Problem: assignment.GuardNoPrimaryKey,
			Detail:  fmt.Sprintf("no unique index guards the column %s, so that a retry could create a second row", id),
			Fix:     []string{fmt.Sprintf("ALTER TABLE %s ADD PRIMARY KEY (%s);", j.engine.table, id)},
		})
	}
	return findings
}

// stricterElsewhere leaves out the indexes on the key itself, which have been
// rejected already.
func (j *judge) stricterElsewhere() []assignment.GuardFinding {
	return slices.DeleteFunc(slices.Clone(j.stricter), func(f assignment.GuardFinding) bool {
		return f.Problem != assignment.GuardOtherColumns
	})
}
