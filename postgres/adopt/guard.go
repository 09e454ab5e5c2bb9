package adopt

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/schema"
)

// GuardResult is what [Guard] did, even when it ended with an error.
type GuardResult struct {
	// Guard is the index that was found to keep the guarantee at the end; nil
	// when there is none.
	Guard *schema.Guard `json:"guard"`
	// Done are the steps that were completed.
	Done []Step `json:"done"`
	// Repaired sums up the repairs in between.
	Repaired RepairResult `json:"repaired"`
}

// Guard makes the table fit for a store: it builds the partial unique index on the
// key and sets NOT NULL on the ID, key and status columns. What is in place already
// is left alone, and so are the host's own indexes, even those that forbid more than
// the guard. It drops only what a failed build left, and what it built itself and
// has replaced.
//
// Indexes are built and dropped CONCURRENTLY; a partitioned table gets its index
// partition by partition. The steps that block writers are brief, and give up after
// LockTimeout to be tried again later. A leftover is dropped only after the session
// that may still be building it has ended.
//
// A build fails on duplicates. With Options.Repair they are repaired, and the build
// is tried again when more have arrived meanwhile, at most Attempts times; where
// CreatedAt is mapped, a temporary unique index on rows that are yet to be created
// prevents new ones. Without Options.Repair the error reports them.
//
// It starts nothing that it can't finish: what it does not fix itself, such as a
// missing primary key, is an [*assignment.GuardError] before the first step. At the
// end the table is inspected as a store does.
//
// The role must own the table. The unique index rejects duplicates even while it is
// being built: from then on the writers must expect SQLSTATE 23505.
func Guard(ctx context.Context, pool *pgxpool.Pool, opts *Options) (GuardResult, error) {
	result := GuardResult{Done: []Step{}}
	s, err := begin(ctx, pool, opts)
	if err != nil {
		return result, err
	}
	defer s.close() //nolint:contextcheck // the connection is closed even when the context has ended
	err = s.guard(ctx, &result)
	if err == nil {
		err = s.inspectAgain(ctx)
	}
	if err != nil {
		return result, fmt.Errorf("guard: %w", classify(ctx, err))
	}
	result.Guard = s.t.Guard
	return result, s.t.Err(s.table)
}

// inspectAgain replaces what is known about the table.
func (s *session) inspectAgain(ctx context.Context) (err error) {
	return pgx.BeginTxFunc(ctx, s.conn, pgx.TxOptions{AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		s.t, err = inspect(ctx, tx, s.settings)
		return err
	})
}

// guard plans and acts until a plan is empty. After a failure it plans anew, because
// the table may have changed.
func (s *session) guard(ctx context.Context, result *GuardResult) error {
	failures := 0
	for range 2 * s.Attempts { // no table needs that many rounds without a failure
		plan, err := s.planGuard(ctx)
		if err != nil {
			return err
		}
		if len(plan.Blocked) > 0 {
			return errors.Join(s.runSteps(ctx, plan.Steps, result), s.blocked(plan))
		}
		if len(plan.Steps) == 0 {
			return nil
		}
		start := time.Now()
		err = s.runSteps(ctx, plan.Steps, result)
		if err == nil {
			continue
		}
		failures++
		if failures >= s.Attempts || !isRetryable(err) || ctx.Err() != nil {
			return fmt.Errorf("attempt %d: %w", failures, err)
		}
		if err := s.afterFailure(ctx, err, failures, time.Since(start), result); err != nil && !isRetryable(err) {
			return err
		}
	}
	return fmt.Errorf("%w: the table needs the same steps again and again; another session may be undoing them",
		assignment.ErrContended)
}

// afterFailure prevents new duplicates once duplicates have made a build fail, and
// otherwise waits a moment.
func (s *session) afterFailure(ctx context.Context, err error, failures int, took time.Duration, result *GuardResult) error {
	if codeOf(err) != codeUniqueViolation || s.Repair == nil || s.t.Catalog.Partitioned() || s.preventing {
		return sleep(ctx, backoff(failures))
	}
	err = s.preventDuplicates(ctx, took, result)
	s.preventing = err == nil
	return err
}

func (s *session) planGuard(ctx context.Context) (plan GuardPlan, err error) {
	err = pgx.BeginTxFunc(ctx, s.conn, pgx.TxOptions{AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		if s.t, err = inspect(ctx, tx, s.settings); err != nil {
			return err
		}
		plan, err = planGuard(ctx, tx, s.settings, s.t)
		return err
	})
	return plan, err
}

func (s *session) blocked(plan GuardPlan) error {
	findings := make([]assignment.GuardFinding, len(plan.Blocked))
	for i, f := range plan.Blocked {
		findings[i] = f.guardFinding()
	}
	return s.unguarded(findings...)
}
