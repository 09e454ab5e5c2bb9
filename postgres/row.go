package postgres

import (
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/assignment-go/assignment/postgres/internal/pgdb"
)

// scanner reads rows by way of pgx's own types, since the detour that it takes
// to others is paid on every row. One serves all rows of a result.
type scanner struct {
	kind                                                          int32
	id, assignee, subject, status, by, account, metadata, request pgtype.DriverBytes
	due, created, updated, completed                              pgtype.Timestamptz
	version                                                       pgtype.Int8
	dest                                                          [14]any
}

func newScanner() *scanner {
	s := &scanner{}
	s.dest = [...]any{
		&s.kind, &s.id, &s.assignee, &s.subject, &s.status, &s.by, &s.account,
		&s.due, &s.created, &s.updated, &s.completed, &s.version, &s.metadata, &s.request,
	}
	return s
}

func (s *scanner) scan(rows pgx.Rows) (pgdb.Row, error) {
	if err := rows.Scan(s.dest[:]...); err != nil {
		return pgdb.Row{}, err
	}
	version := pgdb.Version(s.version.Int64)
	if !s.version.Valid {
		version = pgdb.NoVersion
	}
	return pgdb.Row{
		Kind: pgdb.RowKind(s.kind),
		ID:   pgdb.Text(s.id), AssigneeID: pgdb.Text(s.assignee), SubjectID: pgdb.Text(s.subject),
		Status: pgdb.Text(s.status), AssignedBy: pgdb.Text(s.by), AccountID: pgdb.Text(s.account),
		DueAt: moment(s.due), CreatedAt: moment(s.created), UpdatedAt: moment(s.updated), CompletedAt: moment(s.completed),
		Version: version, Metadata: pgdb.Text(s.metadata), Request: pgdb.Text(s.request),
	}, nil
}

func moment(t pgtype.Timestamptz) pgdb.Time {
	return pgdb.Time{Time: t.Time, Infinity: int(t.InfinityModifier)}
}
