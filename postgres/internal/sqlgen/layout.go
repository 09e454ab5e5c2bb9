package sqlgen

import (
	"time"

	"github.com/assignment-go/assignment/postgres/internal/guard"
	"github.com/assignment-go/assignment/postgres/schema"
)

// Layout is where the attributes are stored, and what else the statements depend
// on.
type Layout struct {
	id, assignee, subject, status    field
	assignedBy, account              field
	due, created, updated, completed field
	version, metadata, request       field
	// extra are the host's own columns, in the order of schema.Table.Extra.
	extra []field
	// predicate is how the guard words which rows are active; empty for the wording
	// of the SDK.
	predicate string

	// DatabaseIDs means that an insert leaves the ID to the database.
	DatabaseIDs bool
	// IDNotUnique means that no index makes the ID alone unique, as on a
	// partitioned table.
	IDNotUnique bool
	// Triggers are those of the host.
	Triggers guard.Triggers
	// Partitioned means that the table is.
	Partitioned bool
	// GuardIndex is the name of the guard; empty until the catalog has been read.
	GuardIndex string
}

// newLayout assumes the types of the migrated table; learn replaces them by
// those of the catalog.
func newLayout(t schema.Table) Layout {
	c := t.Columns
	text := func(name, result, column string, of func(in *Input) string) field {
		return field{name: name, result: result, column: column, pgType: guard.Text, textOf: of,
			value: func(in *Input) any { return optionalText(of(in)) }}
	}
	instant := func(name, result, column string, of func(in *Input) time.Time) field {
		return field{name: name, result: result, shape: moment, column: column, pgType: guard.TimestampTZ, digits: 6,
			value: func(in *Input) any { return optionalTime(of(in)) }}
	}
	l := Layout{
		id:         text(AttributeID, "id", c.ID, func(in *Input) string { return string(in.Row.ID) }),
		assignee:   text(AttributeAssignee, "assignee_id", c.AssigneeID, func(in *Input) string { return in.Row.Key.AssigneeID }),
		subject:    text("Key.SubjectID", "subject_id", c.SubjectID, func(in *Input) string { return in.Row.Key.SubjectID }),
		status:     text(AttributeStatus, "status", c.Status, func(in *Input) string { return string(in.Row.Status) }),
		assignedBy: text("AssignedBy", "assigned_by", c.AssignedBy, func(in *Input) string { return in.Row.AssignedBy }),
		account:    text("AccountID", "account_id", c.AccountID, func(in *Input) string { return in.Row.AccountID }),
		due:        instant("DueAt", "due_at", c.DueAt, func(in *Input) time.Time { return in.Row.DueAt }),
		created:    instant("CreatedAt", "created_at", c.CreatedAt, func(in *Input) time.Time { return in.Row.CreatedAt }),
		updated:    instant("UpdatedAt", "updated_at", c.UpdatedAt, func(in *Input) time.Time { return in.Row.UpdatedAt }),
		completed:  instant("CompletedAt", "completed_at", c.CompletedAt, func(in *Input) time.Time { return in.Row.CompletedAt }),
		version:    field{name: "Version", result: "version", shape: number, column: c.Version},
		metadata:   text("Metadata", "metadata", c.Metadata, func(in *Input) string { return in.metadata }),
		request:    text("Request", "request", c.Request, func(in *Input) string { return in.Row.Request }),

		DatabaseIDs: t.DatabaseIDs,
	}
	l.metadata.pgType, l.metadata.cast = guard.JSONB, "jsonb"
	l.assignedBy.nullable, l.account.nullable, l.metadata.nullable, l.request.nullable = true, true, true, true
	for i, e := range t.Extra {
		l.extra = append(l.extra, field{
			name: "Extra." + e.Column, result: e.Column, column: e.Column, pgType: typeOfHost, cast: "text",
			value: func(in *Input) any { return in.extra[i] },
		})
	}
	return l
}

// attributes are all fields but those of the host, in the order of Row.
func (l *Layout) attributes() []*field {
	return []*field{
		&l.id, &l.assignee, &l.subject, &l.status, &l.assignedBy, &l.account,
		&l.due, &l.created, &l.updated, &l.completed, &l.version, &l.metadata, &l.request,
	}
}

// stored are the attributes that have a column.
func (l *Layout) stored() []field {
	var stored []field
	for _, f := range l.attributes() {
		if f.mapped() {
			stored = append(stored, *f)
		}
	}
	return stored
}

// inserted are the columns that an insert names.
func (l *Layout) inserted() []field {
	columns := l.stored()
	if l.DatabaseIDs {
		columns = columns[1:]
	}
	return append(columns, l.extra...)
}

// ColumnOf returns the column of the attribute, in quotes; empty when it has none.
func (l *Layout) ColumnOf(attribute string) string {
	for _, f := range l.attributes() {
		if f.name == attribute && f.mapped() {
			return f.quoted()
		}
	}
	return ""
}

// TrustsInserts reports whether an insert that was not rejected has stored the
// row as it was given, under the ID that it was given.
func (l *Layout) TrustsInserts() bool {
	return !l.DatabaseIDs && !l.IDNotUnique && !l.Triggers.BeforeInsert && !l.Triggers.AfterInsert
}

// CanBatch reports whether one statement can create many rows: not when their
// IDs are not known before, need locks, or come with values of the host whose
// types only its driver knows.
func (l *Layout) CanBatch() bool {
	return !l.DatabaseIDs && !l.IDNotUnique && len(l.extra) == 0
}
