package postgres

import (
	"database/sql"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/assignment-go/assignment/postgres/internal/engine"
)

// scan reads times by way of pgx's own type, since the detour that it takes to
// others is paid on every row.
func scan(rows pgx.Rows, r *engine.Row) error {
	var due, created, updated, completed pgtype.Timestamptz
	err := rows.Scan(
		&r.Kind, &r.ID, &r.AssigneeID, &r.SubjectID, &r.Status, &r.AssignedBy, &r.AccountID,
		&due, &created, &updated, &completed, &r.Version, &r.Metadata)
	r.DueAt, r.CreatedAt = nullTime(due), nullTime(created)
	r.UpdatedAt, r.CompletedAt = nullTime(updated), nullTime(completed)
	return err
}

func nullTime(t pgtype.Timestamptz) sql.NullTime {
	return sql.NullTime{Time: t.Time, Valid: t.Valid}
}
