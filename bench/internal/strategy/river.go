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

// riverJob inserts a job that is unique by its arguments while it is not done,
// which is the nearest that a job queue has to an active slot.
type riverJob struct{ client *river.Client[pgx.Tx] }

func openRiver(_ context.Context, s *stage.Stage, _ string) (Creator, error) {
	client, err := river.NewClient(riverpgxv5.New(s.Pgx), &river.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return nil, err
	}
	return riverJob{client}, nil
}

// jobArgs has the columns of the others; those that are not part of the key
// don't count for uniqueness.
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
func (j riverJob) Create(ctx context.Context, r Request) (Answer, error) {
	inserted, err := j.client.Insert(ctx, jobArgs(r), &river.InsertOpts{UniqueOpts: river.UniqueOpts{ByArgs: true}})
	if err != nil {
		return Answer{}, err
	}
	return Answer{Created: !inserted.UniqueSkippedAsDuplicate}, nil
}
