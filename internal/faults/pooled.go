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

// Pooled returns the drivers in every mode that works behind a pooler that gives
// each transaction another server.
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
// knows about from 1.21 on.
func Preparing() []Driver {
	return []Driver{PgxDefault(), {Name: "pgx/stdlib", open: databaseSQL("pgx")}}
}

// with adds a parameter to the DSN.
func with(parameter string, open func(context.Context, string) (*handle, error)) func(context.Context, string) (*handle, error) {
	return func(ctx context.Context, dsn string) (*handle, error) { return open(ctx, dsn+"&"+parameter) }
}

const (
	// crowdSize is how many callers change rows at the same time.
	crowdSize = 16
	// longestSwap bounds a crowd whose calls hang.
	longestSwap = 5 * time.Minute
)

// Swaps is what a crowd behind a pooler found.
type Swaps struct {
	// Calls is how many changes succeeded, and Failed how many did not.
	Calls, Failed int
	// Failure is one of the errors.
	Failure error
	// Swapped counts the rows that got a status that nobody asked for, although
	// the caller was told of success.
	Swapped int
}

// Swap lets a crowd of callers go through the pooler at the same time. Each has
// rows of its own, of which it completes all or cancels all: a call for which the
// statement of another one is run shows in the row.
func Swap(ctx context.Context, driver Driver, dsn, via string, calls int) (Swaps, error) {
	pool, err := pgxpool.New(ctx, dsn)
	if err != nil {
		return Swaps{}, err
	}
	defer pool.Close()
	if err := postgres.Migrate(ctx, pool, nil); err != nil {
		return Swaps{}, err
	}
	//nolint:dupword // each row has its number for an ID and for an assignee
	_, err = pool.Exec(ctx, `INSERT INTO assignments (id, assignee_id, subject_id, status, created_at, updated_at, version)
SELECT n::text, n::text, 's', $2, now(), now(), 1 FROM generate_series(0, $1 - 1) AS n`, calls, string(initial()))
	if err != nil {
		return Swaps{}, err
	}
	c := crowd{told: make([]bool, calls)}
	if err := c.work(ctx, driver, via); err != nil {
		return Swaps{}, err
	}
	return c.judge(ctx, pool)
}

type crowd struct {
	mu     sync.Mutex
	found  Swaps
	told   []bool // by the number of the row
	broken error
}

// initial is the status that the rows begin with.
func initial() assignment.Status { return assignment.DefaultLifecycle().Initial }

// asked is what the caller of the row wants of it.
func asked(row int) assignment.Status {
	if row%crowdSize%2 == 0 {
		return assignment.StatusCompleted
	}
	return assignment.StatusCancelled
}

func (c *crowd) work(ctx context.Context, driver Driver, via string) error {
	ctx, cancel := context.WithTimeout(ctx, longestSwap)
	defer cancel()
	var ready, wg sync.WaitGroup
	ready.Add(crowdSize)
	for n := range crowdSize {
		wg.Go(func() {
			h, err := driver.open(ctx, via)
			if err == nil {
				defer h.close()
			}
			ready.Done()
			ready.Wait()
			for row := n; row < len(c.told) && err == nil && ctx.Err() == nil; row += crowdSize {
				change := assignment.Change{To: asked(row), At: time.Now().UTC().Truncate(time.Microsecond)}
				_, failure := h.store.Update(ctx, assignment.ID(strconv.Itoa(row)), change)
				c.tell(row, failure)
			}
			c.fail(err)
		})
	}
	wg.Wait()
	return errors.Join(c.broken, ctx.Err())
}

func (c *crowd) tell(row int, failure error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if failure != nil {
		c.found.Failed, c.found.Failure = c.found.Failed+1, failure
		return
	}
	c.found.Calls++
	c.told[row] = true
}

func (c *crowd) fail(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.broken = errors.Join(c.broken, err)
}

// judge compares the rows with what their callers were told.
func (c *crowd) judge(ctx context.Context, pool *pgxpool.Pool) (Swaps, error) {
	rows, err := pool.Query(ctx, `SELECT id::int, status FROM assignments`)
	if err != nil {
		return c.found, err
	}
	var (
		row    int
		status string
	)
	_, err = pgx.ForEachRow(rows, []any{&row, &status}, func() error {
		if now := assignment.Status(status); now != asked(row) && (c.told[row] || now != initial()) {
			c.found.Swapped++
		}
		return nil
	})
	return c.found, err
}
