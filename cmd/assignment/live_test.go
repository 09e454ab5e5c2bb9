package main_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres"
	"github.com/assignment-go/assignment/postgres/schema"
)

// mustFill makes about the given number of rows: of each 100 slots one is held
// twice and of each 300 one three times, and some rows have no status or one
// that the lifecycle does not know.
func mustFill(t *testing.T, pool *pgxpool.Pool, rows int) {
	t.Helper()
	mustExec(t, pool, fmt.Sprintf(`INSERT INTO assignments (id, counselor_id, scenario_id, status, created_at)
		SELECT g || '-' || n, 'c' || g / 50, 's' || g %% 50,
			CASE WHEN g %% 1000 = 1 THEN NULL WHEN g %% 1000 = 2 THEN 'Completed' WHEN g %% 1000 = 3 THEN 'on_hold'
				WHEN g %% 100 = 0 THEN (ARRAY['pending', 'in_progress', 'pending'])[n] WHEN g %% 2 = 0 THEN 'completed' ELSE 'pending' END,
			timestamp '2026-01-01' + g * interval '1 second' + n * interval '1 minute'
		FROM generate_series(1, %d) g, generate_series(1, 3) n
		WHERE n = 1 OR n = 2 AND g %% 100 = 0 OR n = 3 AND g %% 300 = 0`, rows*98/100))
	mustExec(t, pool, `CREATE TABLE before AS SELECT id, status FROM assignments; ANALYZE assignments`)
}

// writers check and then create, without a lock.
type writers struct {
	pool                        *pgxpool.Pool
	created, conflicts, blocked atomic.Int64
	done, slowest               atomic.Int64
	failures                    chan error
}

const writerCount = 8

// pace is how often a writer begins at most: as fast as they can, eight of them
// leave the machine no time for a build.
const pace = 2 * time.Millisecond

// tooLong is longer than any machine makes a writer wait for another's lock: it
// ends one that hangs. That writers go on beside a build is seen by holdBuild.
const tooLong = time.Minute

// run goes on until the context ends. lock_timeout makes the server itself
// report a writer that was kept waiting for too long.
func (w *writers) run(ctx context.Context) (wait func()) {
	var group sync.WaitGroup
	for n := range writerCount {
		group.Go(func() {
			next := time.NewTicker(pace)
			defer next.Stop()
			for i := 0; ctx.Err() == nil; i++ {
				<-next.C
				start := time.Now()
				w.record(w.checkThenCreate(context.WithoutCancel(ctx), fmt.Sprintf("w%d-%d", n, i)))
				w.done.Add(1)
				if took := int64(time.Since(start)); took > w.slowest.Load() {
					w.slowest.Store(took)
				}
			}
		})
	}
	return group.Wait
}

// checkThenCreate creates unless there is one, and completes the one that there
// is from time to time, with a mark that tells it from a repair.
func (w *writers) checkThenCreate(ctx context.Context, id string) error {
	counselor, scenario := fmt.Sprint("hot", rand.IntN(20)), fmt.Sprint("s", rand.IntN(5))
	held, err := w.check(ctx, counselor, scenario)
	if err != nil {
		return err
	}
	if !held {
		return w.create(ctx, id, counselor, scenario)
	}
	_, err = w.pool.Exec(ctx, `UPDATE assignments SET status = 'completed', account_id = 'writer' WHERE id = (
		SELECT id FROM assignments WHERE counselor_id = $1 AND scenario_id = $2 AND status <> 'completed' LIMIT 1) AND status <> 'completed'`, counselor, scenario)
	return err
}

func (w *writers) check(ctx context.Context, counselor, scenario string) (held bool, err error) {
	err = w.pool.QueryRow(ctx, `SELECT EXISTS (SELECT FROM assignments
		WHERE counselor_id = $1 AND scenario_id = $2 AND status <> 'completed')`, counselor, scenario).Scan(&held)
	return held, err
}

func (w *writers) create(ctx context.Context, id, counselor, scenario string) error {
	_, err := w.pool.Exec(ctx, `INSERT INTO assignments (id, counselor_id, scenario_id, status) VALUES ($1, $2, $3, 'pending')`, id, counselor, scenario)
	if err == nil {
		w.created.Add(1)
	}
	return err
}

// wantGuarded has two callers check before either creates, which a guard lets
// only one of them do.
func (w *writers) wantGuarded(t *testing.T) {
	t.Helper()
	for range 2 {
		if held, err := w.check(t.Context(), "pair", "s"); held || err != nil {
			t.Fatalf("the slot is held: %t, %v", held, err)
		}
	}
	if err := w.create(t.Context(), "first", "pair", "s"); err != nil {
		t.Error(err)
	}
	err := w.create(t.Context(), "second", "pair", "s")
	if report, _ := errors.AsType[*pgconn.PgError](err); report == nil || report.Code != "23505" {
		t.Errorf("the second of a pair got %v, want a unique violation of the guard", err)
	}
}

func (w *writers) record(err error) {
	report, _ := errors.AsType[*pgconn.PgError](err)
	switch {
	case err == nil:
	case report != nil && report.Code == "23505":
		w.conflicts.Add(1)
	case report != nil && report.Code == "55P03":
		w.blocked.Add(1)
	default:
		select {
		case w.failures <- err:
		default:
		}
	}
}

// holdBuild keeps the next build of an index from ending until writers have done
// more work beside it. The function reports whether it came to that.
func holdBuild(t *testing.T, pool *pgxpool.Pool, w *writers) (held func() bool) {
	t.Helper()
	ctx, over := context.WithCancel(t.Context())
	// A build ends only after every transaction that began before it.
	reader, err := pool.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := reader.Exec(ctx, "SELECT count(*) FROM before"); err != nil {
		t.Fatal(err)
	}
	result := make(chan bool, 1)
	go func() {
		defer func() { _ = reader.Rollback(context.WithoutCancel(ctx)) }()
		building := func() bool {
			var waits bool
			err := pool.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_stat_progress_create_index
				WHERE relid = 'assignments'::regclass AND phase LIKE 'waiting for%')`).Scan(&waits)
			return err == nil && waits
		}
		result <- until(ctx, building) && until(ctx, moreThan(&w.done, w.done.Load()+20*writerCount))
	}()
	return func() bool {
		over()
		return <-result
	}
}

func moreThan(n *atomic.Int64, least int64) func() bool {
	return func() bool { return n.Load() > least }
}

// until polls until the condition is true, or the context ends.
func until(ctx context.Context, condition func() bool) bool {
	for !condition() {
		select {
		case <-ctx.Done():
			return false
		case <-time.After(5 * time.Millisecond):
		}
	}
	return true
}

// sampleWaits returns the longest wait of a writer for a lock that was seen.
func sampleWaits(ctx context.Context, t *testing.T, pool *pgxpool.Pool) (longest func() time.Duration) {
	var most time.Duration
	done := make(chan struct{})
	go func() {
		defer close(done)
		next := time.NewTicker(10 * time.Millisecond)
		defer next.Stop()
		for ctx.Err() == nil {
			<-next.C
			var ms float64
			err := pool.QueryRow(context.WithoutCancel(ctx), `SELECT COALESCE(max(extract(epoch FROM clock_timestamp() - l.waitstart)), 0)::float8 * 1000
				FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE NOT l.granted AND a.application_name = $1`, t.Name()).Scan(&ms)
			if err != nil {
				t.Error(err)
				return
			}
			most = max(most, time.Duration(ms*float64(time.Millisecond)))
		}
	}()
	return func() time.Duration {
		<-done
		return most
	}
}

const repairFlags = "-policy=most-advanced -null-status=pending -rewrite-status=Completed=completed,on_hold=in_progress"

// TestAdoptALiveTable takes the Prisma table from check to guard while its
// writers go on.
func TestAdoptALiveTable(t *testing.T) {
	dsn, pool := mustPrisma(t, `ALTER TABLE assignments ALTER status DROP NOT NULL`,
		`CREATE INDEX ON assignments (counselor_id)`)
	mustFill(t, pool, 200_000)
	rows := query[int64](t, pool, `SELECT count(*) FROM assignments`)

	config := pool.Config()
	config.ConnConfig.RuntimeParams["lock_timeout"] = strconv.FormatInt(tooLong.Milliseconds(), 10)
	config.ConnConfig.RuntimeParams["application_name"] = t.Name()
	config.MaxConns = writerCount
	writing, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	defer writing.Close()
	w := &writers{pool: writing, failures: make(chan error, 1)}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	wait, longest := w.run(ctx), sampleWaits(ctx, t, pool)

	step := func(name string, code int, args ...string) outcome {
		start := time.Now()
		got := assignmentCommand(t, dsn, prismaFlags(name, args...)...)
		t.Logf("%s: exit %d after %v", name, got.code, time.Since(start).Round(time.Millisecond))
		if got.code != code {
			t.Errorf("%s %v: %+v, want exit %d", name, args, got, code)
		}
		return got
	}
	apply := append(strings.Fields(repairFlags), "-apply")
	report := step("check", 1)
	for _, finding := range []string{"duplicates", "null_status", "unknown_status", "index_missing", "column_nullable"} {
		if !strings.Contains(report.out, finding) {
			t.Errorf("check does not name %s: %s", finding, report.out)
		}
	}
	start := time.Now()
	repaired := assignmentCommand(t, dsn, prismaFlags("repair", apply...)...)
	t.Logf("repair: exit %d after %v, %s", repaired.code, time.Since(start).Round(time.Millisecond), strings.TrimSpace(repaired.out))
	if repaired.code == 2 || !strings.Contains(repaired.errors, "repair: ") {
		t.Errorf("%+v, want it to show its progress", repaired)
	}
	held := holdBuild(t, pool, w)
	t.Logf("%s", step("guard", 0, apply...).out)
	if !held() {
		t.Error("no build was seen, and so no writer beside one")
	}
	w.wantGuarded(t)
	step("check", 0)
	stop()
	wait()

	t.Logf("%d rows, writers created %d and got %d conflicts; longest lock wait seen %v, longest call %v",
		rows, w.created.Load(), w.conflicts.Load(), longest().Round(time.Millisecond), time.Duration(w.slowest.Load()).Round(time.Millisecond))
	select {
	case err := <-w.failures:
		t.Errorf("a writer failed: %v", err)
	default:
	}
	if w.blocked.Load() != 0 {
		t.Errorf("%d writers were kept waiting longer than %v", w.blocked.Load(), tooLong)
	}
	wantAdopted(t, pool)
	wantZero(t, pool, "deleted rows", fmt.Sprintf(`SELECT %d - count(*) FROM assignments`, rows+w.created.Load()))
}

// wantAdopted asserts what must hold of every adopted table.
func wantAdopted(t *testing.T, pool *pgxpool.Pool) {
	t.Helper()
	lifecycle := assignment.CompletedOnlyLifecycle()
	table := &schema.Table{Columns: schema.Columns{
		ID: "id", AssigneeID: "counselor_id", SubjectID: "scenario_id", Status: "status", CreatedAt: "created_at",
	}}
	if _, err := postgres.New(t.Context(), pool, &postgres.Options{Table: table, Policy: assignment.Policy{Lifecycle: lifecycle}}); err != nil {
		t.Errorf("the store rejects the table: %v", err)
	}
	wantZero(t, pool, "duplicates", `SELECT count(*) FROM (SELECT FROM assignments WHERE status <> 'completed'
		GROUP BY counselor_id, scenario_id HAVING count(*) > 1) AS groups`)
	wantZero(t, pool, "missing rows", `SELECT count(*) FROM before LEFT JOIN assignments a USING (id) WHERE a.id IS NULL`)
	wantZero(t, pool, "changes without a record", `SELECT count(*) FROM before b JOIN assignments a USING (id)
		LEFT JOIN assignment_repairs r ON r.row_id = a.id AND r.old_status IS NOT DISTINCT FROM b.status AND r.new_status = a.status
		WHERE a.status IS DISTINCT FROM b.status AND r.id IS NULL`)
	wantZero(t, pool, "repaired rows of the writers without a record", `SELECT count(*) FROM assignments a
		LEFT JOIN before b USING (id) LEFT JOIN assignment_repairs r ON r.row_id = a.id
		WHERE b.id IS NULL AND a.status = 'completed' AND a.account_id IS NULL AND r.id IS NULL`)
	wantZero(t, pool, "rows recorded twice", `SELECT count(*) FROM (SELECT FROM assignment_repairs GROUP BY row_id HAVING count(*) > 1) AS twice`)
	wantZero(t, pool, "records of what is not so", `SELECT count(*) FROM assignment_repairs r LEFT JOIN assignments a ON a.id = r.row_id
		WHERE a.status IS DISTINCT FROM r.new_status AND a.account_id IS NULL`)
}

func wantZero(t *testing.T, pool *pgxpool.Pool, what, sql string) {
	t.Helper()
	if n := query[int64](t, pool, sql); n != 0 {
		t.Errorf("%d %s", n, what)
	}
}
