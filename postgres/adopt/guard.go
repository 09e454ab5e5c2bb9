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

// GuardResult is what [Guard] did, also when it ended with an error.
type GuardResult struct {
	// Guard is the index that was found to keep the guarantee at the end; nil
	// when there is none.
	Guard *schema.Guard `json:"guard"`
	// Done are the steps that were taken, without those that failed.
	Done []Step `json:"done"`
	// Repaired sums up the repairs in between.
	Repaired RepairResult `json:"repaired"`
}

// Guard makes the table fit for a store: the partial unique index on the key,
// and NOT NULL on the ID, key and status columns. A table that has all of that
// is left alone. Indexes of the host's own are left alone, too, also those that
// forbid more than the guard; it drops only what a failed build left behind, and
// what it built itself and has replaced.
//
// Indexes are built and dropped CONCURRENTLY. What a failed build left behind is
// dropped, but not before the session that may still be building has ended. A partitioned table gets
// its index partition by partition. The steps that writers have to wait for are
// brief, and give up after LockTimeout to come again later.
//
// A build fails over duplicates. With Options.Repair they are repaired, and the
// build is tried again when more have arrived meanwhile, at most Attempts times;
// where CreatedAt is mapped, a temporary unique index on rows that are yet to be
// created keeps further ones out. Without Options.Repair the error says that
// there are duplicates.
//
// It begins nothing that it can't finish: what it does not fix by itself, such
// as a missing primary key, is reported as an [*assignment.GuardError] first, as
// [PlanGuard] reports it. At the end the inspection that a store makes, too,
// decides.
//
// The role must own the table. The unique index refuses duplicates already
// while it is built: from then on the writers must expect 23505.
func Guard(ctx context.Context, pool *pgxpool.Pool, opts *Options) (GuardResult, error) {
	result := GuardResult{Done: []Step{}}
	s, err := begin(ctx, pool, opts)
	if err != nil {
		return result, err
	}
	defer s.close() //nolint:contextcheck // the connection goes also when the context has ended
	if err := s.guard(ctx, &result); err != nil {
		return result, fmt.Errorf("guard: %w", classify(ctx, err))
	}
	err = s.inspect(ctx)
	if err != nil {
		return result, fmt.Errorf("guard: %w", classify(ctx, err))
	}
	result.Guard = s.t.Guard
	return result, s.t.Err(s.table)
}

// inspect looks at the table again.
func (s *session) inspect(ctx context.Context) (err error) {
	return pgx.BeginTxFunc(ctx, s.conn, pgx.TxOptions{AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		s.t, err = lookup(ctx, tx, s.settings)
		return err
	})
}

// guard plans and acts until a plan is empty. What fails is planned anew, since
// the table may be another one by then.
func (s *session) guard(ctx context.Context, result *GuardResult) error {
	failures := 0
	for range 2 * s.Attempts { // no table needs that many rounds without a failure
		plan, err := s.planGuard(ctx)
		if err != nil {
			return err
		}
		if len(plan.Blocked) > 0 {
			return errors.Join(s.takeSteps(ctx, plan.Steps, result), s.blocked(plan))
		}
		if len(plan.Steps) == 0 {
			return nil
		}
		start := time.Now()
		err = s.takeSteps(ctx, plan.Steps, result)
		if err == nil {
			continue
		}
		failures++
		if failures >= s.Attempts || !worthRepeating(err) || ctx.Err() != nil {
			return fmt.Errorf("attempt %d: %w", failures, err)
		}
		if codeOf(err) == codeUniqueViolation && s.Repair != nil && !s.t.Catalog.Partitioned() && !s.keptOut {
			err = s.keepOut(ctx, time.Since(start), result)
			s.keptOut = err == nil
		} else {
			err = sleep(ctx, backoff(failures))
		}
		if err != nil && !worthRepeating(err) {
			return err
		}
	}
	return fmt.Errorf("%w: the table needs new steps again and again; does somebody undo them?", assignment.ErrContended)
}

func (s *session) planGuard(ctx context.Context) (plan GuardPlan, err error) {
	err = pgx.BeginTxFunc(ctx, s.conn, pgx.TxOptions{AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		if s.t, err = lookup(ctx, tx, s.settings); err != nil {
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

// takeSteps stops at the first that fails, and after a wait, which makes the
// plan outdated.
func (s *session) takeSteps(ctx context.Context, steps []Step, result *GuardResult) error {
	for n, step := range steps {
		s.report(Progress{Phase: step.Action, Done: int64(n), Total: int64(len(steps))})
		if err := s.sameSession(ctx); err != nil {
			return err
		}
		if err := s.take(ctx, step, result); err != nil {
			return fmt.Errorf("%s: %w", step.Action, err)
		}
		if step.wait {
			return nil
		}
		result.Done = append(result.Done, step)
	}
	return nil
}

func (s *session) take(ctx context.Context, step Step, result *GuardResult) error {
	switch {
	case step.wait:
		return s.await(ctx, func() (string, error) { return builders(ctx, s.conn, s.t.Catalog.OID) })
	case step.repair:
		return s.repairBetween(ctx, result)
	case step.brief:
		return s.exec(ctx, s.LockTimeout, step.SQL...)
	case step.builds != "":
		return s.build(ctx, step)
	}
	return s.exec(ctx, s.WaitTimeout, step.SQL...)
}

func (s *session) build(ctx context.Context, step Step) error {
	stop := s.watchBuild(ctx)
	err := s.exec(ctx, s.WaitTimeout, step.SQL...)
	stop()
	if err != nil {
		return err
	}
	return s.wantBuilt(ctx, step.in, step.builds)
}

// worthRepeating reports whether a new plan can get further: locks may be free
// by then, and duplicates and NULLs that came in meanwhile are planned for.
func worthRepeating(err error) bool {
	if _, refused := hostRule(err); refused {
		return false
	}
	return passing(err) || codeOf(err) == codeUniqueViolation || codeOf(err) == codeCheckViolation
}

func (s *session) repairBetween(ctx context.Context, result *GuardResult) error {
	repaired, err := s.repairAll(ctx)
	result.Repaired.RunID = repaired.RunID
	result.Repaired.Retired += repaired.Retired
	result.Repaired.Rewritten += repaired.Rewritten
	result.Repaired.Remaining = repaired.Remaining
	return err
}
