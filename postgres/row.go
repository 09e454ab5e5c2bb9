package postgres

import (
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/assignment-go/assignment/postgres/internal/engine"
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

func (s *scanner) scan(rows pgx.Rows) (engine.Row, error) {
	if err := rows.Scan(s.dest[:]...); err != nil {
		return engine.Row{}, err
	}
	version := engine.Version(s.version.Int64)
	if !s.version.Valid {
		version = engine.NoVersion
	}
	return engine.Row{
		Kind: s.kind,
		ID:   engine.Text(s.id), AssigneeID: engine.Text(s.assignee), SubjectID: engine.Text(s.subject),
		Status: engine.Text(s.status), AssignedBy: engine.Text(s.by), AccountID: engine.Text(s.account),
		DueAt: moment(s.due), CreatedAt: moment(s.created), UpdatedAt: moment(s.updated), CompletedAt: moment(s.completed),
		Version: version, Metadata: engine.Text(s.metadata), Request: engine.Text(s.request),
	}, nil
}

func moment(t pgtype.Timestamptz) engine.Time {
	return engine.Time{Time: t.Time, Infinity: int(t.InfinityModifier)}
}
