package stage

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Assignees is the number of assignees, of the history and of the measurements: an
// assignee of a new row also has completed ones.
const Assignees = 100_000

// historyStep is the time between the creation of two rows of the history.
const historyStep = 10 * time.Second

// LoadHistory copies n completed rows into History and builds its indexes. It
// repeatedly calls progress with the number of rows copied so far.
func (s *Stage) LoadHistory(ctx context.Context, n int, progress func(rows int)) error {
	source := &history{total: n, begin: time.Now().UTC().Add(-time.Duration(n) * historyStep), progress: progress}
	copied, err := s.control.CopyFrom(ctx, pgx.Identifier{s.Schema, History}, historyColumns(), source)
	if err != nil {
		return fmt.Errorf("copy the history: %w", err)
	}
	if copied != int64(n) {
		return fmt.Errorf("copied %d rows of history, not %d", copied, n)
	}
	if err := s.index(ctx, History); err != nil {
		return err
	}
	return s.exec(ctx, "VACUUM ANALYZE "+s.quoted(History))
}

func historyColumns() []string {
	return []string{
		"id", "assignee_id", "subject_id", "status", "assigned_by", "account_id",
		"due_at", "created_at", "updated_at", "completed_at", "version",
	}
}

// history generates the rows for COPY.
type history struct {
	next, total int
	begin       time.Time
	progress    func(rows int)
}

const progressEvery = 50_000

// Next implements [pgx.CopyFromSource].
func (h *history) Next() bool {
	h.next++
	if h.next%progressEvery == 0 {
		h.progress(h.next)
	}
	return h.next <= h.total
}

// Values implements [pgx.CopyFromSource].
func (h *history) Values() ([]any, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return nil, err
	}
	created := h.begin.Add(time.Duration(h.next) * historyStep).Truncate(time.Microsecond)
	done := created.Add(time.Hour)
	return []any{
		id.String(), Assignee(int64(h.next)), fmt.Sprintf("scenario-old-%d", h.next/Assignees), "completed", "lab", "account-7",
		created.Add(30 * 24 * time.Hour), created, done, done, int64(2),
	}, nil
}

// Err implements [pgx.CopyFromSource].
func (*history) Err() error { return nil }

// Assignee spreads numbers over all assignees, so that consecutive numbers are far
// apart in an index.
func Assignee(n int64) string {
	const coprime = 61_803
	return fmt.Sprintf("counselor-%05d", n*coprime%Assignees)
}
