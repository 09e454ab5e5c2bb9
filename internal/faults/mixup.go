//go:build unix

package faults

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres"
)

// Pooled returns the drivers in every mode that works behind a pooler in
// transaction mode.
func Pooled() []Driver {
	return []Driver{
		PgxExec(),
		{Name: "pgx cache_describe", open: pgxIn(pgx.QueryExecModeCacheDescribe)},
		{Name: "pgx simple_protocol", open: pgxIn(pgx.QueryExecModeSimpleProtocol)},
		{Name: "pgx describe_exec", open: pgxIn(pgx.QueryExecModeDescribeExec)},
		{Name: "pgx/stdlib exec", open: with("default_query_exec_mode=exec", databaseSQL("pgx"))},
		{Name: "pgx/stdlib cache_describe", open: with("default_query_exec_mode=cache_describe", databaseSQL("pgx"))},
		{Name: "pgx/stdlib simple_protocol", open: with("default_query_exec_mode=simple_protocol", databaseSQL("pgx"))},
		{Name: "pgx/stdlib describe_exec", open: with("default_query_exec_mode=describe_exec", databaseSQL("pgx"))},
		{Name: "lib/pq", open: databaseSQL("postgres")},
		{Name: "lib/pq binary_parameters", open: with("binary_parameters=yes", databaseSQL("postgres"))},
	}
}

// Preparing returns the drivers in modes that prepare statements, which pgbouncer
// supports since 1.21.
func Preparing() []Driver {
	return []Driver{PgxDefault(), {Name: "pgx/stdlib", open: databaseSQL("pgx")}}
}

// with adds a parameter to the DSN.
func with(parameter string, open func(context.Context, string) (*handle, error)) func(context.Context, string) (*handle, error) {
	return func(ctx context.Context, dsn string) (*handle, error) { return open(ctx, dsn+"&"+parameter) }
}

const (
	// mixupCallers is how many callers change rows at the same time.
	mixupCallers = 16
	// mixupTimeout bounds a run whose calls hang.
	mixupTimeout = 5 * time.Minute
)

// Mixups is the result of [FindMixups].
type Mixups struct {
	// Calls is how many changes succeeded, Failed how many did not.
	Calls, Failed int
	// Failure is one of the errors.
	Failure error
	// MixedUp counts the rows with a status that their caller did not ask for,
	// although its call succeeded.
	MixedUp int
}

// FindMixups checks whether a pooler mixes up the statements of concurrent callers.
// Each caller has its own rows and completes all of them, or cancels all of them:
// a row on which another caller's statement was run has the wrong status.
func FindMixups(ctx context.Context, driver Driver, dsn, via string, calls int) (Mixups, error) {
	pool, err := pgxpool.New(ctx, dsn)
	if err != nil {
		return Mixups{}, err
	}
	defer pool.Close()
	if err := postgres.Migrate(ctx, pool, nil); err != nil {
		return Mixups{}, err
	}
	//nolint:dupword // the number of each row is its ID and its assignee
	_, err = pool.Exec(ctx, `INSERT INTO assignments (id, assignee_id, subject_id, status, created_at, updated_at, version)
SELECT n::text, n::text, 's', $2, now(), now(), 1 FROM generate_series(0, $1 - 1) AS n`, calls, string(initialStatus()))
	if err != nil {
		return Mixups{}, err
	}
	m := mixupRun{succeeded: make([]bool, calls)}
	if err := m.call(ctx, driver, via); err != nil {
		return Mixups{}, err
	}
	return m.check(ctx, pool)
}

type mixupRun struct {
	mu        sync.Mutex
	result    Mixups
	succeeded []bool // by the number of the row
	broken    error
}

// initialStatus is the status of the rows before the calls.
func initialStatus() assignment.Status { return assignment.DefaultLifecycle().Initial() }

// wantedStatus is what the caller of the row changes its status to.
func wantedStatus(row int) assignment.Status {
	if row%mixupCallers%2 == 0 {
		return assignment.StatusCompleted
	}
	return assignment.StatusCancelled
}

func (m *mixupRun) call(ctx context.Context, driver Driver, via string) error {
	ctx, cancel := context.WithTimeout(ctx, mixupTimeout)
	defer cancel()
	var ready, wg sync.WaitGroup
	ready.Add(mixupCallers)
	for n := range mixupCallers {
		wg.Go(func() {
			h, err := driver.open(ctx, via)
			if err == nil {
				defer h.close()
			}
			ready.Done()
			ready.Wait()
			for row := n; row < len(m.succeeded) && err == nil && ctx.Err() == nil; row += mixupCallers {
				change := assignment.Change{To: wantedStatus(row), At: time.Now().UTC().Truncate(time.Microsecond)}
				_, failure := h.store.Update(ctx, assignment.ID(strconv.Itoa(row)), change)
				m.record(row, failure)
			}
			m.fail(err)
		})
	}
	wg.Wait()
	return errors.Join(m.broken, ctx.Err())
}

func (m *mixupRun) record(row int, failure error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if failure != nil {
		m.result.Failed, m.result.Failure = m.result.Failed+1, failure
		return
	}
	m.result.Calls++
	m.succeeded[row] = true
}

func (m *mixupRun) fail(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.broken = errors.Join(m.broken, err)
}

// check compares the rows with what their callers asked for.
func (m *mixupRun) check(ctx context.Context, pool *pgxpool.Pool) (Mixups, error) {
	rows, err := pool.Query(ctx, `SELECT id::int, status FROM assignments`)
	if err != nil {
		return m.result, err
	}
	var (
		row    int
		status string
	)
	_, err = pgx.ForEachRow(rows, []any{&row, &status}, func() error {
		if now := assignment.Status(status); now != wantedStatus(row) && (m.succeeded[row] || now != initialStatus()) {
			m.result.MixedUp++
		}
		return nil
	})
	return m.result, err
}
