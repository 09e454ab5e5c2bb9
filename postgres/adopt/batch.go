package adopt

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/sqltext"
	"github.com/assignment-go/assignment/postgres/schema"
)

// retryBatch tries a batch until it gets its locks. A unique violation is transient,
// too: a writer took the slot that a row was about to get.
func (s *session) retryBatch(ctx context.Context, ids []string, batch func(context.Context, []string) error) error {
	for attempt := 1; ; attempt++ {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		err := s.uninterrupted(ctx, func(ctx context.Context) error { return batch(ctx, ids) })
		if err == nil || !isRetryable(err) {
			return err
		}
		if attempt >= s.Attempts {
			return s.exhausted(err)
		}
		if err := sleep(ctx, backoff(attempt)); err != nil {
			return err
		}
	}
}

// exhausted distinguishes a lock that could not be had from an index of the host
// that rejects the change however often it is tried.
func (s *session) exhausted(err error) error {
	report, ok := errors.AsType[*pgconn.PgError](err)
	if !ok || report.Code != codeUniqueViolation {
		return err
	}
	return errors.Join(s.unguarded(assignment.GuardFinding{
		Problem: schema.GuardOtherPredicate,
		Detail: fmt.Sprintf("unique index %s rejects a status that the repair sets; choose another Repair.RetireTo, or change the index",
			sqltext.Quote(report.ConstraintName)),
	}), err)
}

// uninterrupted runs fn to its end even if the context ends meanwhile: it is short,
// and its outcome is known then. WaitTimeout bounds it on a network that is silent.
func (s *session) uninterrupted(ctx context.Context, fn func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.WaitTimeout)
	defer cancel()
	return fn(ctx)
}

// batch is one transaction.
func (s *session) batch(ctx context.Context, ids []string, result *RepairResult) error {
	if err := s.sameSession(ctx); err != nil {
		return err
	}
	tx, err := s.conn.Begin(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback(ctx) }() // after Commit it does nothing
	retired, rewritten, err := s.changeLocked(ctx, tx, result.RunID, ids)
	if err != nil {
		return err
	}
	if err := tx.Commit(ctx); err != nil {
		return commitError(err)
	}
	result.Retired += retired
	result.Rewritten += rewritten
	return nil
}

// changeLocked locks the rows, decides on what they are now, and changes them.
func (s *session) changeLocked(ctx context.Context, tx pgx.Tx, run string, ids []string) (retired, rewritten int, err error) {
	if _, err := tx.Exec(ctx, setLockTimeout("LOCAL", s.LockTimeout)); err != nil {
		return 0, 0, err
	}
	groups, err := s.rows().read(ctx, tx, ids, forUpdate)
	if err != nil {
		return 0, 0, err
	}
	// a row that is retired frees the slot for one that is rewritten
	first, second, err := s.rows().decideAll(groups)
	if err != nil {
		return 0, 0, err
	}
	for _, changes := range [][]Change{first, second} {
		if err := s.change(ctx, tx, run, changes); err != nil {
			return 0, 0, err
		}
	}
	return len(first), len(second), nil
}

// commitError distinguishes a COMMIT that was rejected, so that nothing was written,
// from one whose reply was lost.
func commitError(err error) error {
	if codeOf(err) != "" || errors.Is(err, pgx.ErrTxCommitRollback) {
		return err
	}
	return &assignment.UnknownOutcomeError{Err: fmt.Errorf("the last batch may have been committed: %w", err)}
}
