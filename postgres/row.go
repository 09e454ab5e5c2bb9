package postgres

import (
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/assignment-go/assignment/postgres/internal/engine"
)

// scan reads by way of pgx's own types, since the detour that it takes to
// others is paid on every row.
func scan(rows pgx.Rows, r *engine.Row) error {
	var id, assignee, subject, status, by, account, metadata pgtype.Text
	var due, created, updated, completed pgtype.Timestamptz
	err := rows.Scan(
		&r.Kind, &id, &assignee, &subject, &status, &by, &account,
		&due, &created, &updated, &completed, &r.Version, &metadata)
	r.ID, r.AssigneeID, r.SubjectID, r.Status = text(id), text(assignee), text(subject), text(status)
	r.AssignedBy, r.AccountID, r.Metadata = text(by), text(account), text(metadata)
	r.DueAt, r.CreatedAt = moment(due), moment(created)
	r.UpdatedAt, r.CompletedAt = moment(updated), moment(completed)
	return err
}

func text(t pgtype.Text) engine.Text { return engine.Text(t.String) }

func moment(t pgtype.Timestamptz) engine.Time {
	return engine.Time{Time: t.Time, Infinity: int(t.InfinityModifier)}
}
