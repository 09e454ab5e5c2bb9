package strategy

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/assignment-go/assignment/bench/internal/stage"
)

// handle is a pool or a transaction.
type handle interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// steps are the two statements that most strategies use.
type steps struct{ lookup, insert string }

// prepareSteps prepares them on every connection.
func prepareSteps(ctx context.Context, s *stage.Stage, table string) (steps, error) {
	prepared := steps{
		lookup: `SELECT id FROM ` + table + ` WHERE assignee_id = $1 AND subject_id = $2 AND ` + stage.Active + ` LIMIT 1`,
		insert: `INSERT INTO ` + table + ` (id, assignee_id, subject_id, status, assigned_by, account_id, due_at,
  created_at, updated_at, version) VALUES ($1, $2, $3, 'pending', $4, $5, $6, $7, $7, 1)`,
	}
	return prepared, s.Prepare(ctx, prepared.lookup, prepared.insert)
}

// taken reports whether the key has a holder.
func (s steps) taken(ctx context.Context, h handle, r Request) (bool, error) {
	var id string
	err := h.QueryRow(ctx, s.lookup, r.AssigneeID, r.SubjectID).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// create inserts the row.
func (s steps) create(ctx context.Context, h handle, r Request) error {
	id, err := newID()
	if err != nil {
		return err
	}
	_, err = h.Exec(ctx, s.insert, id, r.AssigneeID, r.SubjectID, r.AssignedBy, r.AccountID, r.DueAt, now())
	return err
}

// checkThenCreate has the check-then-create race.
func (s steps) checkThenCreate(ctx context.Context, h handle, r Request) (Outcome, error) {
	taken, err := s.taken(ctx, h, r)
	if err != nil || taken {
		return Outcome{}, err
	}
	err = s.create(ctx, h, r)
	return Outcome{Created: err == nil}, err
}

// conflictIfTaken turns a violation of the unique index into a conflict.
func conflictIfTaken(err error) (Outcome, error) {
	if hasCode(err, "23505") {
		return Outcome{}, nil
	}
	return Outcome{Created: err == nil}, err
}

func hasCode(err error, codes ...string) bool {
	report, ok := errors.AsType[*pgconn.PgError](err)
	return ok && slices.Contains(codes, report.Code)
}

func now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }
