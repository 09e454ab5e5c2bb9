package adopt_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/adopt"
	"github.com/assignment-go/assignment/postgres/schema"
)

func TestCheckFinds(t *testing.T) {
	const nullable = `ALTER TABLE assignments ALTER assignee_id DROP NOT NULL, ALTER status DROP NOT NULL;`
	guard := func(p assignment.GuardProblem) adopt.Kind { return adopt.Kind(p) }
	cases := []struct {
		name, spoil string
		kind        adopt.Kind
		remedy      adopt.Remedy
		detail      string
	}{
		{"duplicates", pairSQL, adopt.KindDuplicates, adopt.ByRepair, "1 slot is held more than once, by 2 rows"},
		{"a_null_key", nullable + rowsSQL + `VALUES ('1', NULL, 's', 'pending', now(), now())`, adopt.KindNullKeys, adopt.ByOperator, "1 row has NULL"},
		{"a_null_status", nullable + rowsSQL + `VALUES ('1', 'a', 's', NULL, now(), now())`, adopt.KindNullStatus, adopt.ByRepair, "1 row has NULL"},
		{"an_unknown_status", rowsSQL + `VALUES ('1', 'a', 's', 'Completed', now(), now())`, adopt.KindUnknownStatus, adopt.ByRepair, `"Completed"`},
		{"a_missing_index", ``, guard(schema.GuardMissing), adopt.ByGuard, "no unique index"},
		{"a_full_index", `CREATE UNIQUE INDEX spoiled ON ` + keySQL, guard(schema.GuardFullIndex), adopt.ByGuard, "spoiled"},
		{"another_predicate", `CREATE UNIQUE INDEX spoiled ON ` + keySQL + ` WHERE status <> 'completed'`, guard(schema.GuardOtherPredicate), adopt.ByGuard, "spoiled"},
		{"an_index_that_is_not_unique", `CREATE INDEX spoiled ON ` + guardSQL, guard(schema.GuardNotUnique), adopt.ByGuard, "spoiled"},
		{"a_nullable_column", nullable, guard(schema.GuardNullable), adopt.ByGuard, `"status"`},
		{"a_missing_primary_key", `ALTER TABLE assignments DROP CONSTRAINT assignments_pkey`, guard(schema.GuardNoPrimaryKey), adopt.ByOperator, "id"},
		{"a_missing_table", `DROP TABLE assignments`, guard(schema.GuardNoTable), adopt.ByOperator, "does not exist"},
		{"a_missing_column", `ALTER TABLE assignments DROP version`, guard(schema.GuardNoColumn), adopt.ByOperator, `"version"`},
		{"a_column_type", `ALTER TABLE assignments ALTER subject_id TYPE char(9)`, guard(schema.GuardColumnType), adopt.ByOperator, `"subject_id"`},
		{"a_column_that_nobody_fills", `ALTER TABLE assignments ADD extra text NOT NULL`, guard(schema.GuardColumnRequired), adopt.ByOperator, `"extra"`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			report := mustCheck(t, mustSpoiled(t, c.spoil), defaultOptions())
			for _, f := range report.Findings {
				if f.Kind == c.kind && f.Remedy == c.remedy && strings.Contains(f.Detail, c.detail) {
					return
				}
			}
			t.Errorf("findings %+v lack %s for %s with %q", report.Findings, c.kind, c.remedy, c.detail)
		})
	}
	t.Run("a_leftover", func(t *testing.T) {
		want(t, "found", mustCheck(t, mustLeftover(t), defaultOptions()).Has(adopt.Kind(schema.GuardInvalid)), true)
	})
}

func TestCheckReport(t *testing.T) {
	pool := mustPrisma(t)
	for i, status := range []string{"pending", "in_progress", "pending", "NULL", "Completed", "completed"} {
		mustRow(t, pool, fmt.Sprint("r", i), "ana", status, i)
	}
	mustRow(t, pool, "x1", "bea", "pending", 1)
	mustRow(t, pool, "x2", "bea", "pending", 2)
	opts := prismaOptions()
	opts.Sample = 1
	report := mustCheck(t, pool, opts)
	t.Run("orders_findings_by_the_step_that_fixes_them", func(t *testing.T) {
		var kinds []string
		for _, f := range report.Findings {
			kinds = append(kinds, fmt.Sprint(f.Remedy, ":", f.Kind))
		}
		want(t, "findings", strings.Join(kinds, " "),
			"repair:duplicates repair:unknown_status repair:null_status guard:column_nullable guard:index_missing")
	})
	t.Run("counts_groups_rows_and_statuses", func(t *testing.T) {
		want(t, "groups", report.DuplicateGroups, 2)
		want(t, "rows", report.DuplicateRows, 6)
		want(t, "statuses", len(report.Statuses), 5)
		want(t, "most frequent", fmt.Sprintln(*report.Statuses[0].Status, report.Statuses[0].Rows, report.Statuses[0].Known), "pending 4 true\n")
	})
	t.Run("samples_groups_with_ids_and_statuses", func(t *testing.T) {
		encoded, err := json.Marshal(report.Sample)
		if err != nil || len(report.Sample) != 1 {
			t.Fatalf("%d groups, %v", len(report.Sample), err)
		}
		for _, part := range []string{`"assignee_id":"ana"`, `"id":"r0"`, `"status":"Completed"`, `"created_at":"2026-01-01T00:04:00Z"`} {
			if !strings.Contains(string(encoded), part) {
				t.Errorf("%s lacks %s", encoded, part)
			}
		}
	})
}

func TestCheckProposesNoRepairThatWouldBeRejected(t *testing.T) {
	pool := mustPrisma(t)
	mustRow(t, pool, "a1", "ana", "Done", 1)
	mustRow(t, pool, "a2", "ana", "pending", 2)
	report := mustCheck(t, pool, prismaOptions())
	for _, f := range report.Findings {
		if f.Kind == adopt.KindDuplicates && f.Command != "" {
			t.Errorf("check proposes %s", f.Command)
		}
	}
	want(t, "duplicates", report.Has(adopt.KindDuplicates), true)
}

func TestCheckOfAGuardedTable(t *testing.T) {
	pool := mustPrisma(t)
	mustRow(t, pool, "a1", "ana", "completed", 1)
	mustRow(t, pool, "a2", "ana", "pending", 2)
	mustGuard(t, pool, prismaOptions())
	before := footprint(t, pool)
	report := mustCheck(t, pool, prismaOptions())
	if !report.OK() || report.Guard == nil || !report.Guard.Exact {
		t.Errorf("got %+v", report)
	}
	want(t, "footprint", footprint(t, pool), before)
}

// footprint changes when a row, a relation or a column of the schema does.
func footprint(tb testing.TB, pool *pgxpool.Pool) string {
	tb.Helper()
	return text(tb, pool, `SELECT concat_ws('/',
		(SELECT string_agg(concat_ws(' ', oid, xmin, relname, relfilenode), ',' ORDER BY oid) FROM pg_class WHERE relnamespace = current_schema()::regnamespace),
		(SELECT string_agg(concat_ws(' ', a.attrelid, a.attname, a.xmin), ',' ORDER BY a.attrelid, a.attnum) FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
			WHERE c.relnamespace = current_schema()::regnamespace),
		(SELECT string_agg(concat_ws(' ', ctid, xmin, xmax, t::text), ',' ORDER BY ctid) FROM assignments t))`)
}

func TestCheckAsAnotherRole(t *testing.T) {
	restricted := func(t *testing.T, grants string) *pgxpool.Pool {
		pool := mustSpoiled(t, "")
		role := "adopt_" + strings.ToLower(text(t, pool, "SELECT current_schema()"))
		mustExec(t, pool, `CREATE ROLE `+role+` LOGIN`)
		t.Cleanup(func() { mustDrop(t, pool, role) })
		mustExec(t, pool, strings.ReplaceAll(grants, "ROLE", role))
		config := pool.Config()
		config.ConnConfig.User = role
		other, err := pgxpool.NewWithConfig(t.Context(), config)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(other.Close)
		return other
	}
	usage := `DO $$ BEGIN EXECUTE format('GRANT USAGE ON SCHEMA %I TO ROLE', current_schema()); END $$;`
	t.Run("that_may_not_write_reports_it", func(t *testing.T) {
		report := mustCheck(t, restricted(t, usage+`GRANT SELECT ON assignments TO ROLE`), defaultOptions())
		want(t, "privilege", report.Has(adopt.KindPrivilege), true)
	})
	t.Run("that_does_not_own_a_table_without_guard_reports_it", func(t *testing.T) {
		report := mustCheck(t, restricted(t, usage+`GRANT SELECT, INSERT, UPDATE ON assignments TO ROLE`), defaultOptions())
		want(t, "privilege", report.Has(adopt.KindPrivilege), false)
		want(t, "owner", report.Has(adopt.KindNotOwner), true)
	})
	t.Run("that_may_not_read_is_an_error", func(t *testing.T) {
		_, err := adopt.Check(t.Context(), restricted(t, usage), defaultOptions())
		if err == nil || !strings.Contains(err.Error(), "permission denied") {
			t.Errorf("got %v", err)
		}
	})
}

func mustDrop(t *testing.T, pool *pgxpool.Pool, role string) {
	t.Helper()
	if _, err := pool.Exec(context.Background(), `DROP OWNED BY `+role+`; DROP ROLE `+role); err != nil {
		t.Error(err)
	}
}

func TestCheckUnreachable(t *testing.T) {
	pool := mustPool(t)
	address, err := url.Parse(pool.Config().ConnString())
	if err != nil {
		t.Fatal(err)
	}
	address.Host = "127.0.0.1:1"
	closed, err := pgxpool.New(t.Context(), address.String())
	if err != nil {
		t.Fatal(err)
	}
	defer closed.Close()
	_, err = adopt.Check(t.Context(), closed, nil)
	if err == nil || !strings.Contains(err.Error(), assignment.ErrUnavailable.Error()) {
		t.Errorf("got %v", err)
	}
}
