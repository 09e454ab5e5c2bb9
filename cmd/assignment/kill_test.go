package main_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/assignment-go/assignment/internal/faultproxy"
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

// mustWreck makes a small table with everything that a run has to repair: also a
// wrong index, so that there is one to replace.
func mustWreck(t *testing.T) (string, *pgxpool.Pool) {
	dsn, pool := mustPrisma(t, `CREATE UNIQUE INDEX spoiled ON assignments (counselor_id, scenario_id) WHERE status = 'closed'`,
		`CREATE UNIQUE INDEX unique_active_assignment ON assignments (counselor_id, scenario_id, created_at) WHERE status <> 'completed'`)
	mustFill(t, pool, 3000)
	mustExec(t, pool, `CREATE UNIQUE INDEX wrong ON assignments (counselor_id, scenario_id) WHERE status = 'on_hold'`)
	return dsn, pool
}

func killFlags(command string) []string {
	return prismaFlags(command, append(strings.Fields(repairFlags), "-batch-rows=3", "-apply")...)
}

// kills is how many runs of each command are killed, spread over its requests.
const kills = 8

// TestKill kills the command at requests all over its run and runs it again: the
// end is that of a run that nobody disturbed.
func TestKill(t *testing.T) {
	dsn, pool := mustWreck(t)
	requests := map[string]int64{}
	for _, command := range []string{"repair", "guard"} {
		requests[command] = killAt(t, dsn, command, never).requests
	}
	undisturbed := query[string](t, pool, stateSQL)
	wantAdopted(t, pool)
	// a guard that was not preceded by a repair does that, too
	requests["guard"] += requests["repair"]
	for _, command := range []string{"repair", "guard"} {
		for i := range int64(kills) {
			moment := killMoment{request: 1 + requests[command]*i/kills + rand.Int64N(1+requests[command]/kills), done: i%2 == 1}
			t.Run(fmt.Sprintf("%s_at_request_%d_done_%t", command, moment.request, moment.done), func(t *testing.T) {
				dsn, pool := mustWreck(t)
				// How many requests there are varies a little: a wait may need one more.
				for !killAt(t, dsn, command, moment).killed {
					moment.request /= 2
					dsn, pool = mustWreck(t)
				}
				for _, again := range []string{command, "guard"} {
					if got := assignmentCommand(t, dsn, killFlags(again)...); got.code != 0 {
						t.Errorf("then %s: %+v", again, got)
					}
				}
				if got := query[string](t, pool, stateSQL); got != undisturbed {
					t.Errorf("the state is\n%s\nnot\n%s", got, undisturbed)
				}
				wantAdopted(t, pool)
			})
		}
	}
}

// killMoment is when a run is killed: at one of its requests, before the server
// gets it or, done, before the command gets the reply.
type killMoment struct {
	request int64
	done    bool
}

// never is later than any request.
var never = killMoment{request: math.MaxInt64}

// killedRun is what became of a run.
type killedRun struct {
	requests int64
	killed   bool
}

// killAt runs the command behind a proxy that kills it at the moment.
func killAt(t *testing.T, dsn, command string, moment killMoment) killedRun {
	t.Helper()
	var requests, replies atomic.Int64
	kill, dead := make(chan struct{}), make(chan struct{})
	die := func() faultproxy.Action {
		close(kill)
		<-dead
		return faultproxy.Action{Kind: faultproxy.CutBefore}
	}
	proxied, stop := throughProxy(t, dsn, func(m faultproxy.Message) faultproxy.Action {
		if m.EndsRequest() && requests.Add(1) == moment.request && !moment.done {
			return die()
		}
		if m.EndsReply() && replies.Add(1) == moment.request && moment.done {
			return die()
		}
		return faultproxy.Action{}
	})
	defer stop()

	cmd := exec.CommandContext(t.Context(), binary, killFlags(command)...)
	cmd.Env = append(os.Environ(), "DATABASE_URL="+proxied)
	var output strings.Builder
	cmd.Stdout, cmd.Stderr = &output, &output
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		select {
		case <-kill:
			_ = cmd.Process.Kill() // it waits for the request
		case <-ended:
		}
	}()
	_ = cmd.Wait() // how it ended is in its state
	close(ended)
	close(dead)
	if cmd.ProcessState.Success() {
		return killedRun{requests: requests.Load()}
	}
	if cmd.ProcessState.Exited() {
		t.Fatalf("%s: exit %d: %s", command, cmd.ProcessState.ExitCode(), output.String())
	}
	return killedRun{requests: requests.Load(), killed: true}
}

// throughProxy returns a DSN that leads through a proxy with the plan.
func throughProxy(t *testing.T, dsn string, plan faultproxy.Plan) (string, func()) {
	t.Helper()
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		t.Fatal(err)
	}
	network, address := pgconn.NetworkAddress(config.Host, config.Port)
	proxy, err := faultproxy.Listen(network, address, plan)
	if err != nil {
		t.Fatal(err)
	}
	proxied := url.URL{
		Scheme: "postgres", User: url.UserPassword(config.User, config.Password), Host: proxy.Addr(), Path: "/" + config.Database,
		RawQuery: url.Values{"sslmode": {"disable"}, "search_path": {config.RuntimeParams["search_path"]}}.Encode(),
	}
	return proxied.String(), func() { _ = proxy.Close() }
}

// TestInterrupt stops a repair with the signal of Ctrl-C: it says what is done.
func TestInterrupt(t *testing.T) {
	dsn, pool := mustWreck(t)
	// The command can't come to its end before the signal: it waits for a reply.
	var replies atomic.Int64
	midway, signalled := make(chan struct{}), make(chan struct{})
	proxied, stop := throughProxy(t, dsn, func(m faultproxy.Message) faultproxy.Action {
		if m.Completes("COMMIT") && replies.Add(1) == 5 {
			close(midway)
			<-signalled
		}
		return faultproxy.Action{}
	})
	defer stop()
	cmd := exec.CommandContext(t.Context(), binary, prismaFlags("repair", append(strings.Fields(repairFlags), "-batch-rows=1", "-apply")...)...)
	cmd.Env = append(os.Environ(), "DATABASE_URL="+proxied)
	var out strings.Builder
	cmd.Stdout = &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	<-midway
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	close(signalled)
	_ = cmd.Wait() // how it ended is in its state
	if code := cmd.ProcessState.ExitCode(); code != 1 || !strings.Contains(out.String(), "left to repair") {
		t.Errorf("exit %d, %s", code, out.String())
	}
	wantZero(t, pool, "changes without a record", `SELECT count(*) FROM before b JOIN assignments a USING (id)
		LEFT JOIN assignment_repairs r ON r.row_id = a.id WHERE a.status IS DISTINCT FROM b.status AND r.id IS NULL`)
}
