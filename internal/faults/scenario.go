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
	// Mixed are drivers that the callers use in turn, on one table. If set, Driver
	// is only the name in the table.
	Mixed []Driver
	// Isolations are the isolation levels of the host's transactions, picked at
	// random. Default: the server's.
	Isolations []sql.IsolationLevel
	// Unguarded means that the guard may be missing for a while, so that callers
	// may get ErrUnguarded.
	Unguarded bool
	// DSN leads to an empty schema on the server, which outlives the run.
	DSN string
	// Via is the DSN that callers use, for instance of a pooler. It must lead to
	// the same schema. Default: DSN.
	Via string
	// Plan is the plan of the callers' proxies. Default: PassAll.
	Plan faultproxy.Plan
	// Sabotage attacks the server until its context ends. Default: nothing.
	Sabotage func(ctx context.Context, application string) error
	// CountFaults says which counts of a proxy are faults. Default: Injected,
	// Dropped and Failed.
	CountFaults func(faultproxy.Stats) int64
	// Mix lists the operations, each as often as its weight. Default: CommonMix.
	Mix []Op
	// Callers is the number of concurrent callers, Keys the number of keys that
	// they use. Default: 8 and 3.
	Callers, Keys int
	// Faulted is how many faulted calls end the run.
	Faulted int
	// Calls is how many calls end the run, faulted or not. Default: Faulted
	// applies.
	Calls int
	// Within bounds the duration of the run.
	Within time.Duration
	// BeforeVerify is called after the last call and before the verification, for
	// instance to stop a pooler or to start a server. Default: nothing.
	BeforeVerify func(ctx context.Context) error
}

// CommonMix is the default mix of operations.
func CommonMix() []Op {
	return []Op{
		OpCreate, OpCreate, OpCreate, OpEnsure, OpEnsure, OpCreateTx, OpReplace,
		OpComplete, OpComplete, OpComplete, OpReopen,
	}
}

// TransactionMix is the mix of operations for faults at COMMIT.
func TransactionMix() []Op {
	return []Op{OpCreateTx, OpCreateTx, OpCreateTx, OpCreateTx, OpComplete, OpComplete, OpReopen}
}

// Run runs the scenario and verifies it. An error means that it could not run;
// violations are in the row.
func (s Scenario) Run(ctx context.Context) (Row, error) {
	begin := time.Now()
	r := &run{Scenario: s.defaults(), ledger: new(Ledger), clock: newClock(), application: fmt.Sprintf("faults-%08x", rand.Uint32())}
	if err := r.prepare(ctx); err != nil {
		return Row{}, fmt.Errorf("prepare: %w", err)
	}
	samples, err := r.call(ctx)
	if err != nil {
		return Row{}, fmt.Errorf("call: %w", err)
	}
	row, err := r.verify(ctx)
	row.Samples, row.Took = samples, time.Since(begin)
	return row, err
}

func (s Scenario) defaults() Scenario {
	if s.Via == "" {
		s.Via = s.DSN
	}
	if s.Plan == nil {
		s.Plan = faultproxy.PassAll
	}
	if s.CountFaults == nil {
		s.CountFaults = func(f faultproxy.Stats) int64 { return f.Injected + f.Dropped + f.Failed }
	}
	if s.Sabotage == nil {
		s.Sabotage = func(context.Context, string) error { return nil }
	}
	if s.Callers == 0 {
		s.Callers = defaultCallers
	}
	if s.Keys == 0 {
		s.Keys = defaultKeys
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
	if s.BeforeVerify == nil {
		s.BeforeVerify = func(context.Context) error { return nil }
	}
	return s
}

// run is a scenario that is running.
type run struct {
	Scenario
	ledger      *Ledger
	clock       *clock
	application string
}

// prepare creates the table and the trigger that records its history, and
// verifies the table as a host would.
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

// call runs the callers, the sabotage and the sampler in parallel until there are
// enough calls. It returns the number of samples.
func (r *run) call(ctx context.Context) (int, error) {
	all, err := r.newCallers(ctx)
	defer closeCallers(all)
	if err != nil {
		return 0, err
	}
	background, stop := context.WithCancel(ctx)
	defer stop()
	var (
		samples     int
		sabotageErr error
		wg          sync.WaitGroup
	)
	wg.Go(func() { samples = sample(background, r.DSN, r.ledger) })
	wg.Go(func() { sabotageErr = r.Sabotage(background, r.application) })
	r.callUntilDone(ctx, all)
	stop()
	wg.Wait()
	pause(ctx, 2*maxDelay) // for requests that the proxies still delay
	return samples, sabotageErr
}

func (r *run) callUntilDone(ctx context.Context, all []*caller) {
	ctx, cancel := context.WithTimeout(ctx, r.Within)
	defer cancel()
	var wg sync.WaitGroup
	for _, c := range all {
		wg.Go(func() {
			for ctx.Err() == nil && !r.done() {
				c.step(context.WithoutCancel(ctx))
			}
		})
	}
	wg.Wait()
}

func (r *run) done() bool {
	calls, faulted := r.ledger.Size()
	if r.Calls > 0 {
		return calls >= r.Calls
	}
	return faulted >= r.Faulted
}

// verify waits until the callers have no backend left on the server, and compares
// the ledger with the table.
func (r *run) verify(ctx context.Context) (Row, error) {
	row := Row{Fault: r.Fault, Driver: r.Driver.Name, Unknown: r.ledger.Count(Unknown), ByClass: r.ledger.byClass()}
	row.Calls, row.Faulted = r.ledger.Size()
	if err := r.BeforeVerify(ctx); err != nil {
		return row, fmt.Errorf("before the verification: %w", err)
	}
	conn, err := connect(ctx, r.DSN)
	if err != nil {
		return row, err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	if err := awaitIdle(ctx, conn, r.application); err != nil {
		return row, err
	}
	history, err := readHistory(ctx, conn)
	if err != nil {
		return row, err
	}
	rows, err := readRows(ctx, conn)
	row.Violations = verify(r.ledger, history, rows)
	row.Late = lateRows(r.ledger, rows)
	return row, err
}
