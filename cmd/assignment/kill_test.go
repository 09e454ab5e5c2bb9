package main_test

import (
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

// stateSQL is the end state: rows, unique indexes and NOT NULL, but not who
// did what in which run.
const stateSQL = `SELECT concat_ws('/',
	(SELECT md5(string_agg(id || '=' || COALESCE(status, 'NULL'), ',' ORDER BY id)) FROM assignments),
	(SELECT string_agg(regexp_replace(pg_get_indexdef(indexrelid), '"?test_[a-z0-9]+"?\.', '') || indisvalid || indisready, ',' ORDER BY 1)
		FROM (SELECT * FROM pg_index WHERE indrelid = 'assignments'::regclass ORDER BY indexrelid::regclass::text) AS i),
	(SELECT string_agg(attname || attnotnull, ',' ORDER BY attnum) FROM pg_attribute WHERE attrelid = 'assignments'::regclass AND attnum > 0),
	(SELECT count(*) FROM pg_constraint WHERE conrelid = 'assignments'::regclass AND contype = 'c'),
	(SELECT count(*) FROM assignment_repairs))`

// mustWreck makes a small table with everything that a run has to mend: also a
// wrong index, so that there is one to replace.
func mustWreck(t *testing.T) (string, *pgxpool.Pool) {
	dsn, pool := mustIncident(t, `CREATE UNIQUE INDEX spoiled ON assignments (counselor_id, scenario_id) WHERE status = 'closed'`,
		`CREATE UNIQUE INDEX unique_active_assignment ON assignments (counselor_id, scenario_id, created_at) WHERE status <> 'completed'`)
	mustFill(t, pool, 3000)
	mustExec(t, pool, `CREATE UNIQUE INDEX wrong ON assignments (counselor_id, scenario_id) WHERE status = 'on_hold'`)
	return dsn, pool
}

func killFlags(command string) []string {
	return incidentFlags(command, append(strings.Fields(repairFlags), "-batch-rows=3", "-apply")...)
}

// TestKill kills the command at random points and runs it again: the end is
// that of a run that nobody disturbed.
func TestKill(t *testing.T) {
	dsn, pool := mustWreck(t)
	took := map[string]time.Duration{}
	for _, command := range []string{"repair", "guard"} {
		start := time.Now()
		if got := assignmentCommand(t, dsn, killFlags(command)...); got.code != 0 {
			t.Fatalf("%s undisturbed: %+v", command, got)
		}
		took[command] = time.Since(start)
	}
	undisturbed := query[string](t, pool, stateSQL)
	wantAdopted(t, pool)
	killed := 0
	for round := range 20 {
		dsn, pool := mustWreck(t)
		// a guard that was not preceded by a repair does that, too
		command := []string{"repair", "guard"}[round%2]
		limit := took["repair"]
		if command == "guard" {
			limit += took["guard"]
		}
		after := time.Duration(rand.Int64N(int64(limit)))
		if kill(t, dsn, command, after) {
			killed++
		}
		for _, again := range []string{command, "guard"} {
			if got := assignmentCommand(t, dsn, killFlags(again)...); got.code != 0 {
				t.Errorf("round %d, %s killed after %v, then %s: %+v", round, command, after, again, got)
			}
		}
		if got := query[string](t, pool, stateSQL); got != undisturbed {
			t.Errorf("round %d, %s killed after %v: the state is\n%s\nnot\n%s", round, command, after, got, undisturbed)
		}
		wantAdopted(t, pool)
	}
	t.Logf("%d of 20 runs were killed before they ended; undisturbed: %v", killed, took)
	if killed < 10 {
		t.Errorf("only %d of 20 runs were killed before they ended", killed)
	}
}

// kill runs the command and kills it after a while; false when it had ended.
func kill(t *testing.T, dsn, command string, after time.Duration) bool {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), binary, killFlags(command)...)
	cmd.Env = append(os.Environ(), "DATABASE_URL="+dsn)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(after)
	_ = cmd.Process.Kill() // it may have ended
	_ = cmd.Wait()
	status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus)
	return ok && status.Signaled()
}

// TestInterrupt stops a repair with the signal of Ctrl-C: it says what is done.
func TestInterrupt(t *testing.T) {
	dsn, pool := mustWreck(t)
	cmd := exec.CommandContext(t.Context(), binary, incidentFlags("repair", "-batch-rows=1", "-apply")...)
	cmd.Env = append(os.Environ(), "DATABASE_URL="+dsn)
	var out strings.Builder
	cmd.Stdout = &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for query[*string](t, pool, `SELECT to_regclass('assignment_repairs')::text`) == nil {
		time.Sleep(time.Millisecond)
	}
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != 1 || !strings.Contains(out.String(), "slots left to repair") {
		t.Errorf("exit %d, %s", code, out.String())
	}
	wantZero(t, pool, "changes without a record", `SELECT count(*) FROM before b JOIN assignments a USING (id)
		LEFT JOIN assignment_repairs r ON r.row_id = a.id WHERE a.status IS DISTINCT FROM b.status AND r.id IS NULL`)
}
