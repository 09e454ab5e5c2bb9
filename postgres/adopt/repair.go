package adopt

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
)

// maxPasses bounds how often Repair looks for duplicates that writers have added.
const maxPasses = 5

// RepairResult is what [Repair] did, even when it ended with an error.
type RepairResult struct {
	// RunID marks the rows of this run in the audit table.
	RunID string `json:"run_id"`
	// Retired counts the duplicates that were moved to the terminal status.
	Retired int `json:"retired"`
	// Rewritten counts the rows whose NULL or unknown status was replaced.
	Rewritten int `json:"rewritten"`
	// Remaining counts the slots that still needed repair at the end, because
	// writers keep adding duplicates. Zero means that none was left.
	Remaining int `json:"remaining"`
	// LeftAlone counts the rows with a NULL or unknown status for which the
	// options name no replacement.
	LeftAlone []StatusCount `json:"left_alone,omitempty"`
}

// Repair resolves duplicates: of each slot that is held more than once one
// assignment stays, by RepairOptions.Policy, and the others move to
// RepairOptions.RetireTo, with CompletedAt, UpdatedAt and Version set where
// they are mapped. Nothing is deleted. NULL and unknown statuses are replaced
// if the options say by what.
//
// It works in transactions of at most BatchRows rows. Each locks its rows, reads
// them again, and decides on that, so a change that a writer made in between is
// never overwritten; each records every change in the audit table. A batch waits no
// longer than LockTimeout for a lock and is tried again later. When the context
// ends, the current batch is finished, and the result counts it. Calling Repair
// again continues a run that was interrupted.
//
// The role needs SELECT and UPDATE on the table, and CREATE on its schema unless
// the audit table exists.
func Repair(ctx context.Context, pool *pgxpool.Pool, opts *Options) (RepairResult, error) {
	s, err := begin(ctx, pool, opts)
	if err != nil {
		return RepairResult{}, err
	}
	defer s.close() //nolint:contextcheck // the connection is closed even when the context has ended
	result, err := s.repairAll(ctx)
	if err != nil {
		return result, fmt.Errorf("repair: %w", classify(ctx, err))
	}
	return result, nil
}

// repairAll repeats passes over the table until one finds nothing.
func (s *session) repairAll(ctx context.Context) (RepairResult, error) {
	result := RepairResult{RunID: uuid.NewString()}
	for pass := 0; ; pass++ {
		candidates, err := s.rows().candidates(ctx, s.conn)
		if err != nil {
			return result, err
		}
		if result.Remaining = len(candidates); result.Remaining == 0 || pass == maxPasses {
			result.LeftAlone, err = s.rows().leftAlone(ctx, s.conn)
			return result, err
		}
		if pass == 0 {
			if err := s.rehearse(ctx, candidates); err != nil {
				return result, err
			}
		}
		if err := s.createAudit(ctx); err != nil {
			return result, err
		}
		if err := s.pass(ctx, candidates, &result); err != nil {
			return result, err
		}
	}
}

// pass repairs the slots in batches.
func (s *session) pass(ctx context.Context, candidates [][]string, result *RepairResult) error {
	progress := Progress{Phase: "repair", Total: int64(len(candidates))}
	s.report(progress)
	for batch := range batches(candidates, s.repair.BatchRows) {
		err := s.retryBatch(ctx, slices.Concat(batch...), func(ctx context.Context, ids []string) error {
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
