package guard

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/sqltext"
	"github.com/assignment-go/assignment/postgres/schema"
)

// verifier judges all indexes of the table: one of them must be the guard, one
// must make the ID unique, and others may have a consequence.
type verifier struct {
	*prover
	report *Report
}

func (v *verifier) run(ctx context.Context) error {
	if err := v.prepare(ctx); err != nil {
		return err
	}
	for _, i := range v.catalog.Indexes {
		d, err := v.judge(ctx, i)
		if err != nil {
			return err
		}
		v.report.Verdicts = append(v.report.Verdicts, d)
	}
	v.identity()
	for _, step := range []func(context.Context) error{v.choose, v.statusChecks, v.collations} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	v.sort()
	if v.report.Guard != nil {
		v.report.Guard.Warnings = v.report.Warnings
	}
	return nil
}

// choose takes the best guard: one that is just what the SDK would build, else
// one that is equal under all circumstances.
func (v *verifier) choose(ctx context.Context) error {
	var chosen *Verdict
	for n := range v.report.Verdicts {
		d := &v.report.Verdicts[n]
		if d.Role == RoleGuard && d.Index.Usable() && (chosen == nil || d.betterThan(*chosen)) {
			chosen = d
		}
	}
	if chosen == nil {
		return nil
	}
	for n := range v.report.Verdicts {
		d := &v.report.Verdicts[n]
		if d.Role == RoleGuard && d != chosen && d.BuiltBySDK {
			d.Role = RoleSuperseded
		}
	}
	v.report.ConflictPredicate = v.spec.active()
	if !chosen.Exact {
		finds, err := v.arbitrates(ctx, v.spec.active(), chosen.Index)
		if err != nil {
			return err
		}
		if !finds {
			v.report.ConflictPredicate = chosen.Index.Predicate
		}
	}
	v.report.Guard = v.describe(*chosen)
	return nil
}

func (d Verdict) betterThan(other Verdict) bool {
	if d.Exact != other.Exact {
		return d.Exact
	}
	return d.Rests == "" && other.Rests != ""
}

func (v *verifier) describe(d Verdict) *schema.Guard {
	g := &schema.Guard{
		Table: v.table().String(), Index: d.Index.Name, Definition: d.Index.Definition,
		Predicate: d.Index.Predicate, Expected: v.spec.active(), Exact: d.Exact,
		Session: schema.Session(v.catalog.Session),
	}
	if d.Exact {
		g.Expected = g.Predicate
	}
	if d.Rests != "" {
		v.report.warnf(assignment.GuardRests, nil,
			"index %s has the predicate %s, which is the expected %s only because %s: when that changes, open the store again",
			sqltext.Quote(d.Index.Name), d.Index.Predicate, v.spec.active(), d.Rests)
	}
	return g
}

// sort makes a finding or a warning of each verdict that has something to say.
// Without a guard the first finding brings the statement that builds one; what a
// failed build left is dropped only after that.
func (v *verifier) sort() {
	create := []string{v.report.Create}
	for _, d := range v.report.Verdicts {
		detail := v.detail(d)
		switch {
		case d.Role == RoleBlocking:
			v.report.findf(d.Problem, nil, "%s", detail)
		case v.report.Guard != nil && d.Role == RoleStricter:
			v.report.warnf(d.Problem, v.dropOwn(d), "%s", detail)
		case v.report.Guard != nil:
		case d.Role == RoleLeftover:
			v.report.findf(d.Problem, append(create, v.drop(d.Index)...), "%s", detail+v.duplicatesHint())
			create = nil
		case d.Role == RoleGuard:
			v.report.findf(assignment.GuardInvalid, nil, "%s", v.incomplete(d))
			create = nil
		case d.OnKey && (d.Role == RoleStricter || d.Role == RoleLookalike):
			if len(d.Others) > 0 {
				v.report.findf(d.Problem, nil, "%s", detail) // a guard over all rows is not what the owner wants
			} else {
				v.report.findf(d.Problem, create, "%s", detail+v.hintBeside(d))
			}
			create = nil
		case d.Role == RoleStricter:
			v.report.warnf(d.Problem, v.dropOwn(d), "%s", detail)
		}
	}
	if v.report.Guard == nil && len(create) > 0 {
		v.missing(create)
	}
}

// detail names the index, and what its owner can do about it.
func (v *verifier) detail(d Verdict) string {
	text := fmt.Sprintf("index %s %s", sqltext.Quote(d.Index.Name), d.Detail)
	if d.Role == RoleStricter {
		text = fmt.Sprintf("unique index %s is stricter than the policy: it %s", sqltext.Quote(d.Index.Name), d.Detail)
		if d.Index.Constraint != "" {
			text = fmt.Sprintf("unique constraint %s is stricter than the policy: it %s", sqltext.Quote(d.Index.Constraint), d.Detail)
		}
		if d.BuiltBySDK {
			text += ". It is named like a guard of the SDK: drop it once no program runs with the lifecycle that it was built for"
		} else {
			text += ". It is a rule of the table's owner, who may keep it and live with that, or drop it"
		}
		if d.Kept != "" {
			text += ", which can't be done as long as " + d.Kept
		}
	}
	return text
}

// hintBeside says what to do about an index on the key that is no guard. While a
// stricter one is usable, nothing can be active more than once.
func (v *verifier) hintBeside(d Verdict) string {
	if d.Role == RoleStricter && d.Index.Usable() {
		return "; the guard itself is missing, and is built beside it"
	}
	return v.duplicatesHint()
}

// dropOwn proposes to drop only what the SDK built.
func (v *verifier) dropOwn(d Verdict) []string {
	if !d.BuiltBySDK || !d.OnKey {
		return nil
	}
	return v.drop(d.Index)
}

func (v *verifier) incomplete(d Verdict) string {
	i := d.Index
	if len(i.Gaps) > 0 {
		return fmt.Sprintf("index %s would be the guard, but is not usable: the partitions %s have no valid index of it; "+
			"build it there concurrently and attach it, as guard of package postgres/adopt does",
			sqltext.Quote(i.Name), strings.Join(i.Gaps, ", "))
	}
	return fmt.Sprintf("index %s would be the guard, but is not usable (valid %t, ready %t, live %t)",
		sqltext.Quote(i.Name), i.Valid, i.Ready, i.Live)
}

// missing reports that nothing looks like a guard. Where the owner has a rule on
// the key and more columns, the mapping is more likely wrong than the table.
func (v *verifier) missing(create []string) {
	detail, hint := "no unique index guards ("+strings.Join(v.spec.slot(), ", ")+")", v.duplicatesHint()
	for _, d := range v.report.Verdicts {
		name := sqltext.Quote(d.Index.Name)
		switch {
		case d.Role == RoleFiner && d.Index.Predicate != "":
			create, hint = nil, ""
			detail += fmt.Sprintf("; index %s %s. Map the columns that make the key before you build a guard", name, d.Detail)
		case d.Role == RoleStricter:
			detail += fmt.Sprintf("; index %s does not: it %s", name, d.Detail)
		}
	}
	v.report.findf(assignment.GuardMissing, create, "%s", detail+hint)
}

// identity looks for the index that makes the ID unique.
func (v *verifier) identity() {
	id := v.table().Columns.ID
	identified := false
	for _, i := range v.catalog.Indexes {
		if i.Identifies(v.table().Columns) {
			identified = true
			v.report.IDAlone = v.report.IDAlone || slices.Equal(i.Columns, []string{id})
		}
	}
	if !identified {
		v.report.findf(assignment.GuardNoPrimaryKey, []string{v.fixIdentity()},
			"no unique index guards the column %s, so that a retry could create a second row", sqltext.Quote(id))
	}
}

// Identifies reports whether a row can be told by its ID, or by its ID and key,
// which partitioned and distributed tables must have in every unique index.
func (i Index) Identifies(c schema.Columns) bool {
	return i.Unique && i.Usable() && i.Immediate && i.Deterministic && len(i.OperatorClasses) == 0 &&
		i.Predicate == "" && slices.Contains(i.Columns, c.ID) &&
		!slices.ContainsFunc(i.Columns, func(name string) bool {
			return name != c.ID && name != c.AssigneeID && name != c.SubjectID
		})
}

// fixIdentity makes the ID the primary key, or else unique: a table has only one
// primary key.
func (v *verifier) fixIdentity() string {
	columns := append([]string{v.table().Columns.ID}, v.catalog.PartitionedBy...)
	list := strings.Join(quoteAll(columns), ", ")
	if !slices.ContainsFunc(v.catalog.Indexes, func(i Index) bool { return i.Primary }) {
		return fmt.Sprintf("ALTER TABLE %s ADD PRIMARY KEY (%s);", v.table(), list)
	}
	how := " CONCURRENTLY"
	if v.catalog.Partitioned() {
		how = ""
	}
	return fmt.Sprintf("CREATE UNIQUE INDEX%s ON %s (%s);", how, v.table(), list)
}

// statusChecks looks for CHECK constraints that forbid a status of the lifecycle.
func (v *verifier) statusChecks(ctx context.Context) error {
	status := v.table().Columns.Status
	for _, c := range v.catalog.Checks {
		if !slices.Contains(c.Columns, status) {
			continue
		}
		var forbidden []string
		for _, s := range v.spec.Lifecycle.Statuses() {
			never, err := v.never(ctx, fmt.Sprintf("(%s) AND %s = %s", c.Condition, sqltext.Quote(status), sqltext.Literal(string(s))))
			if err != nil {
				return err
			}
			if never {
				forbidden = append(forbidden, string(s))
			}
		}
		if len(forbidden) > 0 {
			v.report.findf(assignment.GuardStatusCheck, nil,
				"the CHECK constraint %s forbids the statuses %q of the lifecycle: widen it, or open the store with a "+
					"lifecycle without them; it says CHECK (%s)", sqltext.Quote(c.Name), forbidden, c.Condition)
		}
	}
	return nil
}

// collations warns of indexes that were sorted by rules which have changed: they
// may have missed duplicates since.
func (v *verifier) collations(ctx context.Context) error {
	database, err := v.databaseCollation(ctx)
	if err != nil {
		return err
	}
	for _, d := range v.report.Verdicts {
		i := d.Index
		stale := slices.Clone(i.StaleCollations)
		if i.DefaultCollation && database != "" {
			stale = append(stale, database)
		}
		if len(stale) == 0 || d.Role != RoleGuard && !i.Identifies(v.table().Columns) {
			continue
		}
		v.report.warnf(assignment.GuardCollationVersion,
			[]string{fmt.Sprintf("REINDEX INDEX CONCURRENTLY %s;", schema.Table{Schema: i.Schema, Name: i.Name})},
			"index %s sorts by the collation %s, whose version is another than the recorded one: the index may be out of "+
				"order, and miss duplicates. Rebuild it, and all others that sort by it; then ALTER COLLATION or ALTER DATABASE "+
				"… REFRESH [COLLATION] VERSION", sqltext.Quote(i.Name), strings.Join(stale, ", "))
	}
	return nil
}

// databaseCollation names the default collation if it has changed. PostgreSQL
// keeps its version since 15.
func (v *verifier) databaseCollation(ctx context.Context) (string, error) {
	const since = 150000
	if v.catalog.Version < since || !slices.ContainsFunc(v.catalog.Indexes, func(i Index) bool { return i.Unique && i.DefaultCollation }) {
		return "", nil
	}
	name, err := v.q.Text(ctx, `SELECT 'of the database' FROM pg_database
WHERE datname = current_database() AND datcollversion <> pg_database_collation_actual_version(oid)`)
	if err != nil {
		return "", fmt.Errorf("look up the version of the collation: %w", err)
	}
	return name, nil
}
