package faults

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/assignment-go/assignment/internal/faultproxy"
	"github.com/assignment-go/assignment/postgres"
)

// Scenario is one fault on one driver.
type Scenario struct {
	// Fault is its name in the table.
	Fault string
	// Driver is how callers reach the server.
	Driver Driver
	// Mixed, if set, lets the callers use these drivers in turn, on one table.
	// Driver then only names the line.
	Mixed []Driver
	// Isolations are the levels of the host's transactions, one of which each
	// picks. Default: the server's.
	Isolations []sql.IsolationLevel
	// Unguarded means that the guard may be missing for a while, so that callers
	// may be told so.
	Unguarded bool
	// DSN leads to a server and an empty schema on it, which outlives the run.
	DSN string
	// Via leads callers to the same schema, as through a pooler. Default: DSN.
	Via string
	// Plan is what the callers' proxies do. Default: nothing.
	Plan faultproxy.Plan
	// Sabotage works on the server until its context ends. Default: nothing.
	Sabotage func(ctx context.Context, application string) error
	// Disturb picks what counts as a fault from the proxies' figures. Default:
	// what was injected, dropped and refused.
	Disturb func(faultproxy.Stats) int64
	// Mix lists the operations, as often as they are wanted. Default:
	// CommonMix.
	Mix []Op
	// Callers is how many call at the same time, Keys on how many keys. Default: 8
	// on 3.
	Callers, Keys int
	// Faulted is how many faulted calls are wanted.
	Faulted int
	// Calls is how many calls are wanted, faulted or not. Default: Faulted decides.
	Calls int
	// Within bounds the time.
	Within time.Duration
	// Settle, if set, is called after the last call and before the
	// verification: to stop a pooler, to start a server.
	Settle func(ctx context.Context) error
}

// CommonMix is what callers do unless the fault is about something else.
func CommonMix() []Op {
	return []Op{
		OpCreate, OpCreate, OpCreate, OpEnsure, OpEnsure, OpCreateTx, OpReplace,
		OpComplete, OpComplete, OpComplete, OpReopen,
	}
}

// TransactionMix is for faults that are about COMMIT.
func TransactionMix() []Op {
	return []Op{OpCreateTx, OpCreateTx, OpCreateTx, OpCreateTx, OpComplete, OpComplete, OpReopen}
}

// Run plays the scenario and verifies it. An error means that it could not be
// played; what was found is in the row.
func (s Scenario) Run(ctx context.Context) (Row, error) {
	begin := time.Now()
	r := &run{Scenario: s.defaults(), ledger: new(Ledger), clock: newClock(), application: fmt.Sprintf("faults-%08x", rand.Uint32())}
	if err := r.prepare(ctx); err != nil {
		return Row{}, fmt.Errorf("prepare: %w", err)
	}
	looks, err := r.play(ctx)
	if err != nil {
		return Row{}, fmt.Errorf("play: %w", err)
	}
	row, err := r.conclude(ctx)
	row.Looks, row.Took = looks, time.Since(begin)
	return row, err
}

func (s Scenario) defaults() Scenario {
	if s.Via == "" {
		s.Via = s.DSN
	}
	if s.Plan == nil {
		s.Plan = faultproxy.PassAll
	}
	if s.Disturb == nil {
		s.Disturb = func(f faultproxy.Stats) int64 { return f.Injected + f.Dropped + f.Refused }
	}
	if s.Sabotage == nil {
		s.Sabotage = func(context.Context, string) error { return nil }
	}
	if s.Callers == 0 {
		s.Callers = callers
	}
	if s.Keys == 0 {
		s.Keys = keys
	}
	if s.Mixed == nil {
		s.Mixed = []Driver{s.Driver}
	}
	if s.Isolations == nil {
		s.Isolations = []sql.IsolationLevel{sql.LevelDefault}
	}
	if s.Mix == nil {
		s.Mix = CommonMix()
	}
	if s.Settle == nil {
		s.Settle = func(context.Context) error { return nil }
	}
	return s
}

// run is a scenario being played.
type run struct {
	Scenario
	ledger      *Ledger
	clock       *clock
	application string
}

// prepare creates the table, verified as in production, and its history.
func (r *run) prepare(ctx context.Context) error {
	pool, err := pgxpool.New(ctx, r.DSN)
	if err != nil {
		return err
	}
	defer pool.Close()
	if err := postgres.Migrate(ctx, pool, nil); err != nil {
		return err
	}
	if _, err := pool.Exec(ctx, recordHistory); err != nil {
		return err
	}
	_, err = postgres.New(ctx, pool, nil)
	return err
}

// play runs callers, saboteur and sampler side by side until there are enough
// calls.
func (r *run) play(ctx context.Context) (int, error) {
	crew, err := r.hire(ctx)
	defer dismiss(crew)
	if err != nil {
		return 0, err
	}
	background, stop := context.WithCancel(ctx)
	defer stop()
	var (
		looks    int
		sabotage error
		aside    sync.WaitGroup
	)
	aside.Go(func() { looks = sample(background, r.DSN, r.ledger) })
	aside.Go(func() { sabotage = r.Sabotage(background, r.application) })
	r.work(ctx, crew)
	stop()
	aside.Wait()
	pause(ctx, 2*longest) // for what the proxies still hold back
	return looks, sabotage
}

// work lets the callers call until there are enough calls.
func (r *run) work(ctx context.Context, crew []*caller) {
	ctx, cancel := context.WithTimeout(ctx, r.Within)
	defer cancel()
	var wg sync.WaitGroup
	for _, c := range crew {
		wg.Go(func() {
			for ctx.Err() == nil && !r.enough() {
				c.step(context.WithoutCancel(ctx))
			}
		})
	}
	wg.Wait()
}

func (r *run) enough() bool {
	calls, faulted := r.ledger.Size()
	if r.Calls > 0 {
		return calls >= r.Calls
	}
	return faulted >= r.Faulted
}

// conclude waits until nothing of the callers is left on the server, and
// compares what they were told with what is there.
func (r *run) conclude(ctx context.Context) (Row, error) {
	row := Row{Fault: r.Fault, Driver: r.Driver.Name, Unknown: r.ledger.Count(Unknown), Answers: r.ledger.answers()}
	row.Calls, row.Faulted = r.ledger.Size()
	if err := r.Settle(ctx); err != nil {
		return row, fmt.Errorf("settle: %w", err)
	}
	conn, err := connect(ctx, r.DSN)
	if err != nil {
		return row, err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	if err := quiet(ctx, conn, r.application); err != nil {
		return row, err
	}
	history, err := readHistory(ctx, conn)
	if err != nil {
		return row, err
	}
	rows, err := readRows(ctx, conn)
	row.Violations = verify(r.ledger, history, rows)
	row.Late = landedLate(r.ledger, rows)
	return row, err
}
