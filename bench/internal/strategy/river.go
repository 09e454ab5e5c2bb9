package strategy

import (
	"context"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"github.com/assignment-go/assignment/bench/internal/stage"
)

// riverJob inserts a job that is unique by its arguments until it is done: what a
// job queue has that is closest to an active slot.
type riverJob struct{ client *river.Client[pgx.Tx] }

func openRiver(_ context.Context, s *stage.Stage, _ string) (Creator, error) {
	client, err := river.NewClient(riverpgxv5.New(s.Pgx), &river.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return nil, err
	}
	return riverJob{client}, nil
}

// jobArgs has the attributes of the other strategies. Only those of the key count
// for uniqueness.
type jobArgs struct {
	AssigneeID string    `json:"assignee_id" river:"unique"`
	SubjectID  string    `json:"subject_id"  river:"unique"`
	AssignedBy string    `json:"assigned_by"`
	AccountID  string    `json:"account_id"`
	DueAt      time.Time `json:"due_at"`
}

// Kind implements [river.JobArgs].
func (jobArgs) Kind() string { return "assignment" }

// Create implements [Creator].
func (j riverJob) Create(ctx context.Context, r Request) (Outcome, error) {
	inserted, err := j.client.Insert(ctx, jobArgs(r), &river.InsertOpts{UniqueOpts: river.UniqueOpts{ByArgs: true}})
	if err != nil {
		return Outcome{}, err
	}
	return Outcome{Created: !inserted.UniqueSkippedAsDuplicate}, nil
}
