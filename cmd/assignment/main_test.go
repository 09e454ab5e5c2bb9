package main_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgproto3"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/assignment-go/assignment/internal/testdb"
)

var binary string

// TestMain builds the command once: the tests use it as an operator does.
func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "assignment-command")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(dir)
		binary = filepath.Join(dir, "assignment")
		if out, err := exec.Command("go", "build", "-buildvcs=false", "-o", binary, ".").CombinedOutput(); err != nil {
			fmt.Fprintln(os.Stderr, string(out), err)
			return 1
		}
		return m.Run()
	}())
}

// outcome is what a run of the command left.
type outcome struct {
	code        int
	out, errors string
}

func assignmentCommand(t *testing.T, dsn string, args ...string) outcome {
	t.Helper()
	var out, errs bytes.Buffer
	cmd := exec.CommandContext(t.Context(), binary, args...)
	cmd.Env = append(os.Environ(), "DATABASE_URL="+dsn)
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	if _, exited := errors.AsType[*exec.ExitError](err); err != nil && !exited {
		t.Fatal(err)
	}
	return outcome{cmd.ProcessState.ExitCode(), out.String(), errs.String()}
}

// prismaFlags map the Prisma table.
func prismaFlags(command string, more ...string) []string {
	return append([]string{
		command, "-table", "assignments", "-assignee-column", "counselor_id", "-subject-column", "scenario_id",
		"-created-at-column", "created_at", "-lifecycle", "completed-only",
	}, more...)
}

const prismaSQL = `CREATE TABLE "assignments" (
    "id"           text NOT NULL PRIMARY KEY,
    "counselor_id" text NOT NULL,
    "scenario_id"  text NOT NULL,
    "status"       text DEFAULT 'pending',
    "assigned_by"  text,
    "account_id"   text,
    "due_date"     timestamp(3),
    "created_at"   timestamp(3) NOT NULL DEFAULT now()
)`

const prismaGuardSQL = `CREATE UNIQUE INDEX "unique_active_assignment" ON "assignments" ("counselor_id", "scenario_id") WHERE "status" != 'completed'`

func mustPool(t *testing.T, dsn string) *pgxpool.Pool {
	t.Helper()
	config, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		t.Fatal(err)
	}
	config.MaxConns = 12
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool
}

// mustPrisma returns a DSN and a pool of a schema with the Prisma table.
func mustPrisma(t *testing.T, more ...string) (string, *pgxpool.Pool) {
	t.Helper()
	dsn := testdb.Schema(t)
	pool := mustPool(t, dsn)
	for _, sql := range append([]string{prismaSQL}, more...) {
		mustExec(t, pool, sql)
	}
	return dsn, pool
}

func mustExec(t *testing.T, pool *pgxpool.Pool, sql string) {
	t.Helper()
	if _, err := pool.Exec(t.Context(), sql); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

func query[T any](t *testing.T, pool *pgxpool.Pool, sql string) T {
	t.Helper()
	rows, err := pool.Query(context.WithoutCancel(t.Context()), sql)
	if err != nil {
		t.Fatal(err)
	}
	value, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[T])
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return value
}

const footprintSQL = `SELECT concat_ws('/',
	(SELECT string_agg(concat_ws(' ', oid, xmin, relname, relfilenode), ',' ORDER BY oid) FROM pg_class WHERE relnamespace = current_schema()::regnamespace),
	(SELECT string_agg(concat_ws(' ', ctid, xmin, xmax, t::text), ',' ORDER BY ctid) FROM assignments t))`

const rowSQL = `INSERT INTO assignments (id, counselor_id, scenario_id, status) VALUES `

const notNullSQL = `ALTER TABLE assignments ALTER status SET NOT NULL`

func TestExitCodes(t *testing.T) {
	t.Run("a_good_table_is_0_and_nothing_is_written", func(t *testing.T) {
		dsn, pool := mustPrisma(t, prismaGuardSQL, notNullSQL, rowSQL+`('1', 'a', 's', 'pending'), ('2', 'a', 's', 'completed')`)
		before := query[string](t, pool, footprintSQL)
		for _, command := range []string{"check", "repair", "guard"} {
			if got := assignmentCommand(t, dsn, prismaFlags(command)...); got.code != 0 || got.errors != "" {
				t.Errorf("%s: %+v", command, got)
			}
		}
		if query[string](t, pool, footprintSQL) != before {
			t.Error("something was written")
		}
	})
	bad := map[string]string{
		"duplicates":            rowSQL + `('1', 'a', 's', 'pending'), ('2', 'a', 's', 'pending')`,
		"unknown_status":        rowSQL + `('1', 'a', 's', 'Completed')`,
		"null_status":           `ALTER TABLE assignments ALTER status DROP NOT NULL; ` + rowSQL + `('1', 'a', 's', NULL)`,
		"null_keys":             `ALTER TABLE assignments ALTER counselor_id DROP NOT NULL; ` + rowSQL + `('1', NULL, 's', 'pending')`,
		"column_nullable":       `ALTER TABLE assignments ALTER status DROP NOT NULL`,
		"index_missing":         `SELECT 1`,
		"index_full":            `CREATE UNIQUE INDEX spoiled ON assignments (counselor_id, scenario_id)`,
		"index_other_predicate": `CREATE UNIQUE INDEX spoiled ON assignments (counselor_id, scenario_id) WHERE status = 'pending'`,
		"index_not_unique":      `CREATE INDEX spoiled ON assignments (counselor_id, scenario_id) WHERE status <> 'completed'`,
		"coarser_than_index":    `CREATE UNIQUE INDEX finer ON assignments (account_id, counselor_id, scenario_id) WHERE status <> 'completed'`,
		"id_not_unique":         `ALTER TABLE assignments DROP CONSTRAINT assignments_pkey`,
		"column_missing":        `ALTER TABLE assignments DROP created_at`,
		"column_type":           `ALTER TABLE assignments ALTER scenario_id TYPE char(9)`,
		"column_required":       `ALTER TABLE assignments ADD tenant text NOT NULL`,
	}
	for finding, spoil := range bad {
		t.Run(finding+"_is_1_and_named", func(t *testing.T) {
			dsn, pool := mustPrisma(t, notNullSQL, spoil)
			before := query[string](t, pool, footprintSQL)
			got := assignmentCommand(t, dsn, prismaFlags("check")...)
			if got.code != 1 || !strings.Contains(got.out, ". "+finding+" (") {
				t.Errorf("%+v", got)
			}
			encoded := assignmentCommand(t, dsn, prismaFlags("check", "-json")...)
			if !json.Valid([]byte(encoded.out)) || !strings.Contains(encoded.out, `"kind": "`+finding+`"`) {
				t.Errorf("%+v", encoded)
			}
			if query[string](t, pool, footprintSQL) != before {
				t.Error("something was written")
			}
		})
	}
	t.Run("index_invalid_is_1_and_named", func(t *testing.T) {
		dsn, pool := mustPrisma(t, notNullSQL, rowSQL+`('1', 'a', 's', 'pending'), ('2', 'a', 's', 'pending')`)
		if _, err := pool.Exec(t.Context(), strings.Replace(prismaGuardSQL, "INDEX", "INDEX CONCURRENTLY", 1)); err == nil {
			t.Fatal("the build succeeded over duplicates")
		}
		if got := assignmentCommand(t, dsn, prismaFlags("check")...); got.code != 1 || !strings.Contains(got.out, "index_invalid") {
			t.Errorf("%+v", got)
		}
	})
}

// TestGuardPlanEnds has the last line of a plan, which the owner acts upon.
func TestGuardPlanEnds(t *testing.T) {
	duplicate := rowSQL + `('1', 'a', 's', 'pending'), ('2', 'a', 's', 'pending')`
	finer := `CREATE UNIQUE INDEX finer ON assignments (account_id, counselor_id, scenario_id) WHERE status <> 'completed'`
	cases := []struct {
		name, spoil, says string
		code              int
	}{
		{"a_guarded_table_has_nothing_left_to_do", prismaGuardSQL, "nothing is left to do", 0},
		{"a_table_without_guard_proposes_apply", duplicate, "add -apply", 1},
		{"a_blocked_plan_does_not_propose_apply", finer, "-apply does nothing", 1},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			dsn, _ := mustPrisma(t, notNullSQL, c.spoil)
			got := assignmentCommand(t, dsn, prismaFlags("guard")...)
			if got.code != c.code || !strings.Contains(got.out, c.says) || strings.Contains(got.out, "add -apply") != (c.says == "add -apply") {
				t.Errorf("want %d, %q: %+v", c.code, c.says, got)
			}
		})
	}
}

// TestNotes has what has a consequence but breaks nothing: it is printed, and the exit
// code is that of a guarded table.
func TestNotes(t *testing.T) {
	notes := map[string]string{
		"index_other_columns":   `CREATE UNIQUE INDEX stricter ON assignments (counselor_id) WHERE status <> 'completed'`,
		"index_full":            `CREATE UNIQUE INDEX stricter ON assignments (counselor_id, scenario_id)`,
		"index_other_predicate": `CREATE UNIQUE INDEX stricter ON assignments (counselor_id, scenario_id) WHERE account_id IS NULL`,
	}
	for note, rule := range notes {
		t.Run(note, func(t *testing.T) {
			dsn, _ := mustPrisma(t, notNullSQL, prismaGuardSQL, rule)
			for _, args := range [][]string{{"check"}, {"guard"}, {"guard", "-apply"}} {
				got := assignmentCommand(t, dsn, prismaFlags(args[0], args[1:]...)...)
				if got.code != 0 || len(args) > 1 && !strings.Contains(got.out, "note: "+note+": ") || strings.Contains(got.out, "DROP") {
					t.Errorf("%v: %+v", args, got)
				}
			}
			if got := assignmentCommand(t, dsn, prismaFlags("check")...); !strings.Contains(got.out, "note: "+note+": ") || !strings.Contains(got.out, `"stricter"`) {
				t.Errorf("%+v", got)
			}
		})
	}
}

func TestTrouble(t *testing.T) {
	server := testdb.DSN(t)
	address, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	with := func(change func(*url.URL)) string {
		changed := *address
		change(&changed)
		return changed.String()
	}
	const secret = "s3kret-pass"
	wrongPassword := with(func(u *url.URL) { u.User, u.Host = url.UserPassword("ana", secret), strictServer(t) })
	unreachable := with(func(u *url.URL) { u.User, u.Host = url.UserPassword("a", secret), "127.0.0.1:1" })
	cases := []struct {
		name, dsn string
		args      []string
		says      string
	}{
		{"a_missing_table", server, []string{"check", "-table", "no_such_table"}, `"no_such_table" does not exist`},
		{"a_missing_table_to_repair", server, []string{"repair", "-table", "no_such_table"}, `"no_such_table" does not exist`},
		{"a_missing_table_to_guard", server, []string{"guard", "-table", "no_such_table", "-apply"}, `"no_such_table" does not exist`},
		{"a_wrong_password", wrongPassword, []string{"check"}, "password authentication failed"},
		{"a_port_without_a_server", unreachable, []string{"check"}, "127.0.0.1:1"},
		{"a_url_that_is_none", "postgres://u:" + secret + "@host:port-" + secret + "/db", []string{"check"}, "is not a PostgreSQL URL"},
		{"a_dsn_that_is_none", "password=" + secret + " port=x" + secret, []string{"check"}, "is not a PostgreSQL URL"},
		{"no_url", "", []string{"check"}, "-database-url is missing"},
		{"an_unknown_command", server, []string{"chekc"}, `no command "chekc"`},
		{"an_unknown_flag", server, []string{"check", "-frob"}, "-frob"},
		{"an_argument", server, []string{"check", "assignments"}, `unexpected argument "assignments"`},
		{"a_contradiction", server, []string{"repair", "-apply", "-dry-run"}, "contradict"},
		{"a_policy_that_is_none", server, []string{"repair", "-policy", "best"}, "-policy"},
		{"an_active_status_to_retire_to", server, []string{"repair", "-retire-to", "pending"}, "-retire-to"},
		{"no_subject_column", server, []string{"check", "-assignee-column", "a"}, "-subject-column is required"},
		{"a_negative_timeout", server, []string{"check", "-lock-timeout", "-1s"}, "-lock-timeout is shorter"},
		{"an_audit_table_that_is_none", server, []string{"repair", "-audit-table", `"a"`}, "-audit-table is not a name"},
		{"a_status_to_rewrite_to_nothing", server, []string{"repair", "-rewrite-status", "a="}, `"a=" is not old=new`},
		{"a_status_that_is_known_to_rewrite", server, []string{"repair", "-rewrite-status", "pending=completed"}, `-rewrite-status "pending" is a status`},
		{"a_layout_that_is_none", server, []string{"migrate", "-layout", "flyway"}, "flyway"},
		{"a_config_that_is_not_there", server, []string{"check", "-config", "no-such-file"}, "no-such-file"},
	}
	for _, c := range cases {
		t.Run(c.name+"_is_2_and_one_line", func(t *testing.T) {
			got := assignmentCommand(t, c.dsn, c.args...)
			if got.code != 2 || got.out != "" || strings.Count(got.errors, "\n") != 1 || !strings.Contains(got.errors, c.says) {
				t.Errorf("%+v, want one line with %q", got, c.says)
			}
			if command := c.args[0] + ": "; strings.Count(got.errors, command) > 1 || strings.Contains(got.errors, "plan "+command) {
				t.Errorf("the command is named twice: %+v", got)
			}
			if strings.Contains(got.out+got.errors, secret) {
				t.Errorf("the password is printed: %+v", got)
			}
		})
	}
}

func TestDryRunIsTheDefault(t *testing.T) {
	dsn, pool := mustPrisma(t, rowSQL+`('1', 'a', 's', 'pending'), ('2', 'a', 's', 'pending')`)
	before := query[string](t, pool, footprintSQL)
	repair := assignmentCommand(t, dsn, prismaFlags("repair")...)
	if repair.code != 1 || !strings.Contains(repair.out, "2 of assignee \"a\" and subject \"s\": pending -> completed (oldest keeps 1)") {
		t.Errorf("%+v", repair)
	}
	guard := assignmentCommand(t, dsn, prismaFlags("guard")...)
	if guard.code != 1 || !strings.Contains(guard.out, "CREATE UNIQUE INDEX CONCURRENTLY") {
		t.Errorf("%+v", guard)
	}
	if query[string](t, pool, footprintSQL) != before {
		t.Error("something was written")
	}
	blocked := assignmentCommand(t, dsn, prismaFlags("guard", "-no-repair", "-apply")...)
	if blocked.code != 1 || !strings.Contains(blocked.errors, "held more than once") {
		t.Errorf("%+v", blocked)
	}
}

func TestDryRunOfARepair(t *testing.T) {
	dsn, pool := mustPrisma(t)
	mustExec(t, pool, `INSERT INTO assignments (id, counselor_id, scenario_id, status, created_at)
		SELECT g || '-' || n, 'c' || g, 's', 'pending', timestamp '2026-01-01' + n * interval '1 s' FROM generate_series(1, 30) g, generate_series(1, 2) n`)
	shown := func(args ...string) (outcome, int) {
		got := assignmentCommand(t, dsn, prismaFlags("repair", args...)...)
		return got, strings.Count(got.out, "pending -> completed") + strings.Count(got.out, `"new_status": "completed"`)
	}
	t.Run("shows_a_sample_and_counts", func(t *testing.T) {
		got, n := shown()
		if n != 20 || !strings.Contains(got.out, "10 more; -all shows them") || !strings.Contains(got.out, "30 rows of 30 slots would change: 30 retired, 0 rewritten") {
			t.Errorf("%d in %+v", n, got)
		}
	})
	t.Run("shows_all_on_request", func(t *testing.T) {
		if got, n := shown("-all"); n != 30 || strings.Contains(got.out, "more") {
			t.Errorf("%d in %+v", n, got)
		}
	})
	t.Run("does_the_same_in_JSON", func(t *testing.T) {
		if got, n := shown("-json"); n != 20 || !strings.Contains(got.out, `"retired": 30`) {
			t.Errorf("%d in %+v", n, got)
		}
		if got, n := shown("-json", "-all"); n != 30 {
			t.Errorf("%d in %+v", n, got)
		}
	})
}

func TestMigrate(t *testing.T) {
	t.Run("prints_by_default", func(t *testing.T) {
		got := assignmentCommand(t, "", "migrate", "-layout", "tern")
		if got.code != 0 || !strings.Contains(got.out, "---- create above / drop below ----") {
			t.Errorf("%+v", got)
		}
	})
	t.Run("writes_files_and_overwrites_none", func(t *testing.T) {
		dir := t.TempDir()
		if got := assignmentCommand(t, "", "migrate", "-layout", "golang-migrate", "-dir", dir); got.code != 0 || strings.Count(got.out, "\n") != 6 {
			t.Errorf("%+v", got)
		}
		if got := assignmentCommand(t, "", "migrate", "-layout", "golang-migrate", "-dir", dir); got.code != 2 {
			t.Errorf("%+v", got)
		}
	})
	t.Run("applies_and_then_the_table_is_good", func(t *testing.T) {
		dsn := testdb.Schema(t)
		for _, args := range [][]string{{"migrate", "-apply"}, {"migrate", "-apply"}, {"check"}} {
			if got := assignmentCommand(t, dsn, args...); got.code != 0 {
				t.Errorf("%v: %+v", args, got)
			}
		}
	})
}

func TestHelp(t *testing.T) {
	for _, args := range [][]string{{"help"}, {"-h"}, {}, {"check", "-help"}, {"version"}} {
		if got := assignmentCommand(t, "", args...); got.code != 0 || got.out == "" || got.errors != "" {
			t.Errorf("%v: %+v", args, got)
		}
	}
}

// strictServer speaks enough of the protocol to reject every password, which the server
// of the tests may not do.
func strictServer(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go rejectPassword(conn)
		}
	}()
	return listener.Addr().String()
}

func rejectPassword(conn net.Conn) {
	defer conn.Close()
	server := pgproto3.NewBackend(conn, conn)
	for {
		if message, err := server.ReceiveStartupMessage(); err != nil {
			return
		} else if _, tls := message.(*pgproto3.SSLRequest); !tls {
			break
		}
		conn.Write([]byte("N"))
	}
	server.Send(&pgproto3.AuthenticationCleartextPassword{})
	if server.Flush() != nil {
		return
	}
	server.SetAuthType(pgproto3.AuthTypeCleartextPassword)
	if _, err := server.Receive(); err != nil {
		return
	}
	server.Send(&pgproto3.ErrorResponse{Severity: "FATAL", Code: "28P01", Message: "password authentication failed for user \"ana\""})
	server.Flush()
}
