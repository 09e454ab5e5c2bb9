package adopt

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/sqltext"
	"github.com/assignment-go/assignment/postgres/schema"
)

// maxPasses bounds how often Repair looks again for what writers added.
const maxPasses = 5

// RepairResult is what [Repair] did, also when it ended with an error.
type RepairResult struct {
	// RunID marks the rows of this run in the audit table.
	RunID string `json:"run_id"`
	// Retired counts the duplicates that were moved to the terminal status.
	Retired int `json:"retired"`
	// Rewritten counts the rows whose NULL or unknown status was replaced.
	Rewritten int `json:"rewritten"`
	// Remaining counts the slots that still needed repair at the last look,
	// because writers keep adding duplicates. Zero means that none was left.
	Remaining int `json:"remaining"`
	// LeftAlone counts the rows without a status or with one that the lifecycle
	// does not know, for which the options name no other.
	LeftAlone []StatusCount `json:"left_alone,omitempty"`
}

// Repair resolves the duplicates: of each slot that is held more than once one
// assignment stays, by RepairOptions.Policy, and the others move to
// RepairOptions.RetireTo, with CompletedAt, UpdatedAt and Version set where
// they are mapped. Nothing is deleted. NULL and unknown statuses are replaced
// if the options say by what.
//
// It works in transactions of at most BatchRows rows. Each locks its rows, looks
// again what they are, and decides on that, so a change that a writer made in
// between is never overwritten; each writes a row per change into the audit
// table. A batch waits no longer than LockTimeout for a lock and is tried again
// later. When the context ends, the batch at work is finished, and the result
// counts it. A run that was interrupted is continued by calling Repair again.
//
// The role needs SELECT and UPDATE on the table, and CREATE on its schema unless
// the audit table exists.
func Repair(ctx context.Context, pool *pgxpool.Pool, opts *Options) (RepairResult, error) {
	s, err := begin(ctx, pool, opts)
	if err != nil {
		return RepairResult{}, err
	}
	defer s.close() //nolint:contextcheck // the connection goes also when the context has ended
	result, err := s.repairAll(ctx)
	if err != nil {
		return result, fmt.Errorf("repair: %w", classify(ctx, err))
	}
	return result, nil
}

// repairAll goes over the table until a look finds nothing.
func (s *session) repairAll(ctx context.Context) (RepairResult, error) {
	result := RepairResult{RunID: uuid.NewString()}
	for pass := 0; ; pass++ {
		suspects, err := s.rows().suspects(ctx, s.conn)
		if err != nil {
			return result, err
		}
		if result.Remaining = len(suspects); result.Remaining == 0 || pass == maxPasses {
			result.LeftAlone, err = s.rows().leftAlone(ctx, s.conn)
			return result, err
		}
		if pass == 0 {
			if err := s.foresee(ctx, suspects); err != nil {
				return result, err
			}
		}
		if err := s.createAudit(ctx); err != nil {
			return result, err
		}
		if err := s.pass(ctx, suspects, &result); err != nil {
			return result, err
		}
	}
}

// pass repairs what one look has found.
func (s *session) pass(ctx context.Context, suspects [][]string, result *RepairResult) error {
	progress := Progress{Phase: "repair", Total: int64(len(suspects))}
	s.report(progress)
	for batch := range batches(suspects, s.repair.BatchRows) {
		err := s.batchAgain(ctx, slices.Concat(batch...), func(ctx context.Context, ids []string) error {
			return s.batch(ctx, ids, result)
		})
		if err != nil {
			return err
		}
		progress.Done += int64(len(batch))
		result.Remaining -= len(batch)
		s.report(progress)
	}
	return nil
}

// batchAgain tries a batch until it has its locks. A unique violation is
// passing, too: a writer took the slot that a row was about to get.
func (s *session) batchAgain(ctx context.Context, ids []string, batch func(context.Context, []string) error) error {
	for attempt := 1; ; attempt++ {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		err := s.unbroken(ctx, func(ctx context.Context) error { return batch(ctx, ids) })
		if err == nil || !worthRepeating(err) {
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

// exhausted tells a lock that did not come from an index of the host that
// refuses the change, however often it is tried.
func (s *session) exhausted(err error) error {
	report, ok := errors.AsType[*pgconn.PgError](err)
	if !ok || report.Code != codeUniqueViolation {
		return err
	}
	return errors.Join(s.unguarded(assignment.GuardFinding{
		Problem: schema.GuardOtherPredicate,
		Detail: fmt.Sprintf("unique index %s refuses the statuses that the repair sets; drop it first",
			sqltext.Quote(report.ConstraintName)),
	}), err)
}

// unbroken runs fn to its end although the context may end meanwhile: what is
// short is better finished than torn, since then its outcome is known. A silent
// network ends it after all.
func (s *session) unbroken(ctx context.Context, fn func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.WaitTimeout)
	defer cancel()
	return fn(ctx)
}

// rehearsal stands for the run of a batch that is rolled back.
const rehearsal = ""

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
		return lostCommit(err)
	}
	result.Retired += retired
	result.Rewritten += rewritten
	return nil
}

// changeLocked locks the rows, decides on what they are, and changes them.
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

// lostCommit tells a refused COMMIT, after which nothing was written, from one
// whose reply did not come.
func lostCommit(err error) error {
	if codeOf(err) != "" || errors.Is(err, pgx.ErrTxCommitRollback) {
		return err
	}
	return &assignment.UnknownOutcomeError{Err: fmt.Errorf("the last batch may have been committed: %w", err)}
}

// ordered reports whether the rows tell which of them is older.
func (s *settings) ordered(t *table) bool {
	c := s.table.Columns
	return c.CreatedAt != "" || t.column(c.ID).PGType.IsInteger()
}
