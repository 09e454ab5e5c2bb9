package strategy

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/assignment-go/assignment/bench/internal/stage"
)

// fix is the usual fix of the check-then-create race: the check finds most
// conflicts, the unique index rejects the others, and the violation is caught. Both
// conflicts return the holder, as the SDK does.
type fix struct {
	steps

	pool   *pgxpool.Pool
	holder string
}

func openFix(ctx context.Context, s *stage.Stage, table string) (Creator, error) {
	prepared, err := prepareSteps(ctx, s, table)
	if err != nil {
		return nil, err
	}
	f := &fix{prepared, s.Pgx, `SELECT ` + columns + ` FROM ` + table +
		` WHERE assignee_id = $1 AND subject_id = $2 AND ` + stage.Active + ` LIMIT 1`}
	return f, s.Prepare(ctx, f.holder)
}

// Create implements [Creator].
func (f *fix) Create(ctx context.Context, r Request) (Outcome, error) {
	err := f.readHolder(ctx, r)
	if !errors.Is(err, pgx.ErrNoRows) {
		return Outcome{}, err
	}
	err = f.create(ctx, f.pool, r)
	if hasCode(err, "23505") {
		return Outcome{}, f.readHolder(ctx, r)
	}
	return Outcome{Created: err == nil}, err
}

func (f *fix) readHolder(ctx context.Context, r Request) error {
	var row assignmentRow
	return f.pool.QueryRow(ctx, f.holder, r.AssigneeID, r.SubjectID).Scan(row.dest()...)
}

// leanFix is the same without returning the holder.
type leanFix struct {
	steps

	pool *pgxpool.Pool
}

func openLeanFix(ctx context.Context, s *stage.Stage, table string) (Creator, error) {
	prepared, err := prepareSteps(ctx, s, table)
	return &leanFix{prepared, s.Pgx}, err
}

// Create implements [Creator].
func (f *leanFix) Create(ctx context.Context, r Request) (Outcome, error) {
	taken, err := f.taken(ctx, f.pool, r)
	if err != nil || taken {
		return Outcome{}, err
	}
	return conflictIfTaken(f.create(ctx, f.pool, r))
}

// insert has no check but the index.
type insert struct {
	steps

	pool *pgxpool.Pool
}

func openInsert(ctx context.Context, s *stage.Stage, table string) (Creator, error) {
	prepared, err := prepareSteps(ctx, s, table)
	return &insert{prepared, s.Pgx}, err
}

// Create implements [Creator].
func (i *insert) Create(ctx context.Context, r Request) (Outcome, error) {
	return conflictIfTaken(i.create(ctx, i.pool, r))
}

// raw is the floor: the SDK's statement, written by hand on the pool. It looks up
// the holder, inserts if there is none, and returns the new row or the holder.
type raw struct {
	pool      *pgxpool.Pool
	statement string
}

func openRaw(ctx context.Context, s *stage.Stage, table string) (Creator, error) {
	r := &raw{pool: s.Pgx, statement: `
WITH holder AS (
  SELECT ` + columns + ` FROM ` + table + ` WHERE assignee_id = $2 AND subject_id = $3 AND ` + stage.Active + `
), created AS (
  INSERT INTO ` + table + ` (` + columns + `)
  SELECT $1, $2, $3, 'pending', $4, $5, $6, $7, $7, NULL, 1, NULL
  WHERE NOT EXISTS (SELECT FROM holder)
  ON CONFLICT (assignee_id, subject_id) WHERE ` + stage.Active + ` DO NOTHING
  RETURNING ` + columns + `
)
SELECT true AS created, ` + columns + ` FROM created
UNION ALL
SELECT false, ` + columns + ` FROM holder`}
	return r, s.Prepare(ctx, r.statement)
}

const columns = `id, assignee_id, subject_id, status, assigned_by, account_id, due_at, created_at, updated_at,
  completed_at, version, metadata`

// assignmentRow has all attributes that the SDK returns.
type assignmentRow struct {
	ID, AssigneeID, SubjectID, Status string
	AssignedBy, AccountID             *string
	DueAt                             *time.Time
	CreatedAt, UpdatedAt              time.Time
	CompletedAt                       *time.Time
	Version                           int64
	Metadata                          map[string]any
}

// dest returns the scan targets in the order of columns.
func (row *assignmentRow) dest() []any {
	return []any{
		&row.ID, &row.AssigneeID, &row.SubjectID, &row.Status, &row.AssignedBy, &row.AccountID,
		&row.DueAt, &row.CreatedAt, &row.UpdatedAt, &row.CompletedAt, &row.Version, &row.Metadata,
	}
}

// maxRaw bounds the attempts of a call.
const maxRaw = 8

// Create implements [Creator].
func (r *raw) Create(ctx context.Context, q Request) (Outcome, error) {
	id, err := newID()
	if err != nil {
		return Outcome{}, err
	}
	at := now()
	for attempt := range maxRaw {
		var created bool
		var row assignmentRow
		err := r.pool.QueryRow(ctx, r.statement, id, q.AssigneeID, q.SubjectID, q.AssignedBy, q.AccountID, q.DueAt, at).Scan(
			append([]any{&created}, row.dest()...)...)
		if !errors.Is(err, pgx.ErrNoRows) {
			return Outcome{Created: created, Retries: attempt}, err
		}
		// The snapshot of this statement lacks the holder; that of the next has it.
	}
	return Outcome{Retries: maxRaw}, errors.New("8 statements found neither a free slot nor its holder")
}
