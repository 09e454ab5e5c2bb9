package guard_test

import (
	"context"
	"crypto/rand"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/internal/testdb"
	"github.com/assignment-go/assignment/postgres/internal/guard"
	"github.com/assignment-go/assignment/postgres/schema"
)

// TestTableFindings has what lets rows of a table evade every index, or keeps a
// statement from reaching the table.
func TestTableFindings(t *testing.T) {
	cases := []struct {
		name    string
		sql     string
		problem assignment.GuardProblem
		detail  string
	}{
		{
			"a_child_by_inheritance", plainSQL + guardSQL + `CREATE TABLE child () INHERITS (assignments)`,
			schema.GuardInheritance, "child): their rows",
		},
		{
			"a_rule_for_inserts", plainSQL + guardSQL + `CREATE RULE r AS ON INSERT TO assignments DO INSTEAD NOTHING`,
			schema.GuardRewriteRule, `["r"]`,
		},
		{
			"a_rule_that_only_adds", plainSQL + guardSQL + `CREATE RULE r AS ON UPDATE TO assignments DO ALSO NOTIFY changed`,
			schema.GuardRewriteRule, `["r"]`,
		},
		{
			"a_temporary_table_over_the_name", plainSQL + guardSQL + `CREATE TEMP TABLE assignments (LIKE assignments INCLUDING ALL)`,
			schema.GuardTemporary, "hides the permanent table",
		},
		{"a_view", plainSQL + `ALTER TABLE assignments RENAME TO stored; CREATE VIEW assignments AS TABLE stored`, schema.GuardNotATable, "is a view"},
		{
			"a_materialized_view", plainSQL + `ALTER TABLE assignments RENAME TO stored; CREATE MATERIALIZED VIEW assignments AS TABLE stored`,
			schema.GuardNotATable, "is a materialized view",
		},
		{
			"a_foreign_table",
			`CREATE FOREIGN DATA WRAPPER "` + t.Name() + `"; CREATE SERVER "` + t.Name() + `" FOREIGN DATA WRAPPER "` + t.Name() + `";
			CREATE FOREIGN TABLE assignments (id text) SERVER "` + t.Name() + `"`,
			schema.GuardNotATable, "is a foreign table",
		},
		{"a_sequence", `CREATE SEQUENCE assignments`, schema.GuardNotATable, "is not a table"},
		{
			"partitions_by_something_else", `CREATE TABLE assignments (id text NOT NULL, assignee_id text NOT NULL, subject_id text NOT NULL,
			status text NOT NULL, created_at timestamptz DEFAULT now(), PRIMARY KEY (id, created_at)) PARTITION BY RANGE (created_at)`,
			schema.GuardPartitionKey, `partitioned by "created_at"`,
		},
		{
			"partitions_by_an_expression", `CREATE TABLE assignments (id text NOT NULL, assignee_id text NOT NULL, subject_id text NOT NULL,
			status text NOT NULL) PARTITION BY HASH (lower(assignee_id))`,
			schema.GuardPartitionKey, `partitioned by an expression`,
		},
		{
			"partitions_of_partitions_by_something_else", `CREATE TABLE assignments (id text NOT NULL, assignee_id text NOT NULL,
			subject_id text NOT NULL, status text NOT NULL) PARTITION BY HASH (assignee_id);
			CREATE TABLE part PARTITION OF assignments FOR VALUES WITH (MODULUS 1, REMAINDER 0) PARTITION BY LIST (status)`,
			schema.GuardPartitionKey, `partitioned by "status"`,
		},
	}
	for _, c := range cases {
		t.Run(c.name+"_is_rejected", func(t *testing.T) {
			conn := mustSetUp(t, c.sql)
			t.Cleanup(func() {
				_, _ = conn.Exec(context.Background(), `DROP FOREIGN DATA WRAPPER IF EXISTS "TestTableFindings" CASCADE`)
			})
			r := mustInspect(t, conn, guard.Spec{})
			wantFinding(t, r.Findings, c.problem, c.detail)
			if r.Buildable || len(r.Findings) != 1 || len(r.Findings[0].Fix) > 0 {
				t.Errorf("buildable %t, findings %+v; want one that no statement fixes", r.Buildable, r.Findings)
			}
		})
	}
	t.Run("a_disabled_rule_is_none", func(t *testing.T) {
		conn := mustSetUp(t, plainSQL+guardSQL+`CREATE RULE r AS ON INSERT TO assignments DO INSTEAD NOTHING;
			ALTER TABLE assignments DISABLE RULE r`)
		wantGuard(t, mustInspect(t, conn, guard.Spec{}), "guard")
	})
	t.Run("a_named_schema_is_not_hidden_by_a_temporary_table", func(t *testing.T) {
		conn := mustSetUp(t, plainSQL+guardSQL)
		spec := guard.Spec{Table: plainTable()}
		if err := conn.QueryRow(t.Context(), "SELECT current_schema()").Scan(&spec.Table.Schema); err != nil {
			t.Fatal(err)
		}
		mustExec(t, conn, `CREATE TEMP TABLE assignments (id text)`)
		wantGuard(t, mustInspect(t, conn, spec), "guard")
	})
}

func TestEncodings(t *testing.T) {
	const byEncoding = " ENCODING '%' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'"
	for _, encoding := range []string{"LATIN1", "WIN1252", "EUC_JP", "SQL_ASCII"} {
		t.Run(encoding+"_in_the_database_is_rejected_with_any_client_encoding", func(t *testing.T) {
			for _, client := range []string{"UTF8", encoding} {
				config := mustDatabase(t, strings.Replace(byEncoding, "%", encoding, 1))
				config.RuntimeParams["client_encoding"] = client
				conn := mustConnectTo(t, config)
				mustExec(t, conn, plainSQL+guardSQL)
				wantFinding(t, mustInspect(t, conn, guard.Spec{}).Findings, schema.GuardEncoding, "the encoding of the database is "+encoding)
			}
		})
	}
	t.Run("another_client_encoding_is_rejected", func(t *testing.T) {
		conn := mustSetUp(t, plainSQL+guardSQL+`SET client_encoding TO 'LATIN1'`)
		wantFinding(t, mustInspect(t, conn, guard.Spec{}).Findings, schema.GuardEncoding, "client_encoding LATIN1")
	})
}

func TestTableWarnings(t *testing.T) {
	t.Run("unlogged", func(t *testing.T) {
		r := mustInspect(t, mustSetUp(t, strings.Replace(plainSQL, "CREATE", "CREATE UNLOGGED", 1)+guardSQL), guard.Spec{})
		wantGuard(t, r, "guard")
		wantFinding(t, r.Guard.Warnings, schema.GuardUnlogged, "crash")
	})
	t.Run("an_unlogged_partition", func(t *testing.T) {
		conn := mustSetUp(t, `CREATE TABLE assignments (id text, assignee_id text NOT NULL, subject_id text NOT NULL, status text NOT NULL,
			PRIMARY KEY (id, assignee_id)) PARTITION BY HASH (assignee_id);
			CREATE UNLOGGED TABLE part PARTITION OF assignments FOR VALUES WITH (MODULUS 1, REMAINDER 0);`+guardSQL)
		r := mustInspect(t, conn, guard.Spec{})
		wantGuard(t, r, "guard")
		wantFinding(t, r.Warnings, schema.GuardUnlogged, "part is UNLOGGED")
	})
	t.Run("row_level_security_names_the_role", func(t *testing.T) {
		conn := mustSetUp(t, plainSQL+guardSQL+`ALTER TABLE assignments ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY`)
		role := "test_" + strings.ToLower(rand.Text())
		mustExec(t, conn, `CREATE ROLE `+role)
		t.Cleanup(func() {
			_, _ = conn.Exec(context.Background(), `RESET ROLE; DROP OWNED BY `+role+`; DROP ROLE `+role)
		})
		for name, give := range map[string]string{
			"of_a_user":         `GRANT ALL ON assignments TO ` + role,
			"of_a_forced_owner": `ALTER TABLE assignments OWNER TO ` + role,
		} {
			t.Run(name, func(t *testing.T) {
				mustExec(t, conn, `RESET ROLE`)
				mustExec(t, conn, give+`; GRANT USAGE ON SCHEMA `+schemaOf(t, conn)+` TO `+role+`; SET ROLE `+role)
				r := mustInspect(t, conn, guard.Spec{})
				wantGuard(t, r, "guard")
				wantFinding(t, r.Warnings, schema.GuardRowSecurity, role)
				if !r.Guard.Session.RowSecurity || r.Guard.Session.Role != role {
					t.Errorf("got %+v", r.Guard.Session)
				}
			})
		}
	})
	t.Run("a_partition_that_is_half_detached", func(t *testing.T) {
		conn := mustSetUp(t, `CREATE TABLE assignments (id text, assignee_id text NOT NULL, subject_id text NOT NULL, status text NOT NULL,
			PRIMARY KEY (id, assignee_id)) PARTITION BY HASH (assignee_id);
			CREATE TABLE part0 PARTITION OF assignments FOR VALUES WITH (MODULUS 2, REMAINDER 0);
			CREATE TABLE part1 PARTITION OF assignments FOR VALUES WITH (MODULUS 2, REMAINDER 1);`+guardSQL+`
			UPDATE pg_inherits SET inhdetachpending = true WHERE inhrelid = 'part0'::regclass`)
		r := mustInspect(t, conn, guard.Spec{})
		wantGuard(t, r, "guard")
		wantFinding(t, r.Warnings, schema.GuardDetaching, `"part0" is half detached`)
		mustExec(t, conn, r.Warnings[0].Fix[0])
		wantGuard(t, mustInspect(t, conn, guard.Spec{}), "guard")
	})
	t.Run("a_collation_of_the_database_that_has_changed", func(t *testing.T) {
		var version int
		if err := mustConnect(t, testdb.DSN(t)).QueryRow(t.Context(), `SELECT current_setting('server_version_num')::int`).Scan(&version); err != nil {
			t.Fatal(err)
		}
		if version < 150000 {
			return // databases have no version of their collation
		}
		conn := mustConnectTo(t, mustDatabase(t, ` LOCALE_PROVIDER icu ICU_LOCALE 'de' TEMPLATE template0 ENCODING 'UTF8'`))
		mustExec(t, conn, plainSQL+guardSQL)
		mustExec(t, conn, `UPDATE pg_database SET datcollversion = 'old' WHERE datname = current_database()`)
		r := mustInspect(t, conn, guard.Spec{})
		wantGuard(t, r, "guard")
		wantFinding(t, r.Warnings, schema.GuardCollationVersion, `index "guard" sorts by the collation of the database`)
		wantFinding(t, r.Warnings, schema.GuardCollationVersion, `index "assignments_pkey"`)
	})
	t.Run("a_collation_that_has_changed", func(t *testing.T) {
		conn := mustConnectTo(t, mustDatabase(t, ""))
		mustExec(t, conn, `CREATE COLLATION other (provider = icu, locale = 'de-x-icu')`)
		mustExec(t, conn, strings.ReplaceAll(plainSQL, "assignee_id text", "assignee_id text COLLATE other")+guardSQL)
		mustExec(t, conn, `UPDATE pg_collation SET collversion = 'old' WHERE collname = 'other'`)
		r := mustInspect(t, conn, guard.Spec{})
		wantGuard(t, r, "guard")
		wantFinding(t, r.Warnings, schema.GuardCollationVersion, `index "guard" sorts by the collation other`)
		for _, w := range r.Warnings {
			for _, sql := range w.Fix {
				mustExec(t, conn, sql)
			}
		}
		mustExec(t, conn, `ALTER COLLATION other REFRESH VERSION`)
		if r := mustInspect(t, conn, guard.Spec{}); len(r.Warnings) > 0 {
			t.Errorf("warnings are left: %+v", r.Warnings)
		}
	})
}

func schemaOf(t *testing.T, conn *pgx.Conn) string {
	t.Helper()
	var name string
	if err := conn.QueryRow(t.Context(), `SELECT nspname FROM pg_namespace WHERE oid = (SELECT relnamespace FROM pg_class WHERE oid = 'assignments'::regclass)`).
		Scan(&name); err != nil {
		t.Fatal(err)
	}
	return name
}

// mustDatabase makes a database of its own.
func mustDatabase(t *testing.T, options string) *pgx.ConnConfig {
	t.Helper()
	dsn := testdb.DSN(t)
	admin := mustConnect(t, dsn)
	name := "assignment_test_" + strings.ToLower(rand.Text())
	mustExec(t, admin, `CREATE DATABASE `+name+options)
	t.Cleanup(func() {
		if _, err := admin.Exec(context.Background(), `DROP DATABASE `+name+` WITH (FORCE)`); err != nil {
			t.Error(err)
		}
	})
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		t.Fatal(err)
	}
	config.Database = name
	return config
}

func mustConnectTo(t *testing.T, config *pgx.ConnConfig) *pgx.Conn {
	t.Helper()
	conn, err := pgx.ConnectConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

// TestRights checks that an inspection needs no more rights than a store.
func TestRights(t *testing.T) {
	conn := mustSetUp(t, plainSQL+`CREATE UNIQUE INDEX guard`+onKey+`WHERE status IN ('pending', 'in_progress');
		ALTER TABLE assignments ADD CHECK (status IN ('pending', 'in_progress', 'completed', 'cancelled'))`)
	role, spec := "test_"+strings.ToLower(rand.Text()), guard.Spec{Table: plainTable()}
	spec.Table.Schema = schemaOf(t, conn)
	mustExec(t, conn, `CREATE ROLE `+role)
	t.Cleanup(func() {
		_, _ = conn.Exec(context.Background(), `RESET ROLE; DROP OWNED BY `+role+`; DROP ROLE `+role)
	})
	for _, step := range []struct{ name, grant string }{
		{"nothing", `SELECT`},
		{"usage_of_the_schema_alone", `GRANT USAGE ON SCHEMA ` + spec.Table.Schema + ` TO ` + role},
	} {
		t.Run(step.name+"_is_not_enough_and_is_reported", func(t *testing.T) {
			mustExec(t, conn, `RESET ROLE; `+step.grant+`; SET ROLE `+role)
			wantFinding(t, mustInspect(t, conn, spec).Findings, schema.GuardUnverifiable, "permission denied")
		})
	}
	t.Run("reading_is_enough", func(t *testing.T) {
		mustExec(t, conn, `RESET ROLE; GRANT SELECT ON assignments TO `+role+`; SET ROLE `+role)
		r := mustInspect(t, conn, spec)
		wantGuard(t, r, "guard")
		if r.Catalog.Owner {
			t.Error("the role is no owner")
		}
	})
}
