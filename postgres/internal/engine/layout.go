package engine

import (
	"strconv"
	"strings"

	"github.com/assignment-go/assignment/postgres/internal/guard"
	"github.com/assignment-go/assignment/postgres/internal/pgdb"
	"github.com/assignment-go/assignment/postgres/schema"
)

// layout is where the attributes are kept and in which form.
type layout struct {
	id, assignee, subject, status    field
	assignedBy, account              field
	due, created, updated, completed field
	version, metadata, request       field
	// extra are the host's own columns, in the order of schema.Table.Extra.
	extra []field
	// databaseIDs means that an insert leaves the ID to the database.
	databaseIDs bool
	// sharedIDs means that no index makes the ID alone unique, as on a
	// partitioned table.
	sharedIDs bool
	// triggers are those of the host.
	triggers guard.Triggers
	// partitioned means that the table is.
	partitioned bool
	// predicate is how the guard words which rows are active; empty for the wording
	// of the SDK.
	predicate string
	// guardIndex is the name of the guard; empty while the catalog has not been
	// asked.
	guardIndex string
}

// newLayout assumes the types of the migrated table; learn replaces them by
// those of the catalog.
func newLayout(t schema.Table) layout {
	c := t.Columns
	text := func(name, column string, of func(in *input) string) field {
		return field{name: name, column: column, form: formText, textOf: of,
			value: func(in *input) any { return optionalText(of(in)) }}
	}
	moment := func(name, column string, value argument) field {
		return field{name: name, column: column, value: value, form: formTimestampTZ, digits: 6}
	}
	l := layout{
		id:         text("ID", c.ID, func(in *input) string { return string(in.row.ID) }),
		assignee:   text("Key.AssigneeID", c.AssigneeID, func(in *input) string { return in.row.Key.AssigneeID }),
		subject:    text("Key.SubjectID", c.SubjectID, func(in *input) string { return in.row.Key.SubjectID }),
		status:     text("Status", c.Status, func(in *input) string { return string(in.row.Status) }),
		assignedBy: text("AssignedBy", c.AssignedBy, func(in *input) string { return in.row.AssignedBy }),
		account:    text("AccountID", c.AccountID, func(in *input) string { return in.row.AccountID }),
		due:        moment("DueAt", c.DueAt, func(in *input) any { return optionalTime(in.row.DueAt) }),
		created:    moment("CreatedAt", c.CreatedAt, func(in *input) any { return optionalTime(in.row.CreatedAt) }),
		updated:    moment("UpdatedAt", c.UpdatedAt, func(in *input) any { return optionalTime(in.row.UpdatedAt) }),
		completed:  moment("CompletedAt", c.CompletedAt, func(in *input) any { return optionalTime(in.row.CompletedAt) }),
		version: field{
			name: "Version", column: c.Version, form: formBigint,
			cast:  "bigint",
			value: func(in *input) any { return strconv.FormatInt(in.row.Version, 10) },
		},
		metadata: field{
			name: "Metadata", column: c.Metadata, form: formJSONB, cast: "jsonb",
			textOf: func(in *input) string { return in.metadata },
			value:  func(in *input) any { return optionalText(in.metadata) },
		},
		request:     text("Request", c.Request, func(in *input) string { return in.row.Request }),
		databaseIDs: t.DatabaseIDs,
	}
	for _, f := range l.attributes()[:4] {
		f.essential = true
	}
	l.assignedBy.nullable, l.account.nullable, l.metadata.nullable, l.request.nullable = true, true, true, true
	for i, e := range t.Extra {
		l.extra = append(l.extra, field{
			name: "Extra." + e.Column, column: e.Column, form: formOfHost, cast: "text",
			value: func(in *input) any { return in.extra[i] },
		})
	}
	return l
}

// attributes are all fields but those of the host, in the order of Row.
func (l *layout) attributes() []*field {
	return []*field{
		&l.id, &l.assignee, &l.subject, &l.status, &l.assignedBy, &l.account,
		&l.due, &l.created, &l.updated, &l.completed, &l.version, &l.metadata, &l.request,
	}
}

// kept are the attributes that have a column.
func (l *layout) kept() []field {
	var kept []field
	for _, f := range l.attributes() {
		if f.mapped() {
			kept = append(kept, *f)
		}
	}
	return kept
}

// inserted are the columns that an insert names.
func (l *layout) inserted() []field {
	columns := l.kept()
	if l.databaseIDs {
		columns = columns[1:]
	}
	return append(columns, l.extra...)
}

// list renders the column names with a prefix on each.
func list(columns []field, prefix string) string {
	names := make([]string, len(columns))
	for i, f := range columns {
		names[i] = prefix + f.quoted()
	}
	return strings.Join(names, ", ")
}

// number renders the kind of a row.
func number(k pgdb.RowKind) string { return strconv.Itoa(int(k)) }

// projection renders the result columns in the shape of Row.
func (l *layout) projection(kind string) string {
	return kind + ` AS kind, ` + l.id.text() + ` AS id, ` + l.assignee.text() + ` AS assignee_id, ` +
		l.subject.text() + ` AS subject_id, ` + l.status.text() + ` AS status,
  ` + l.assignedBy.text() + ` AS assigned_by, ` + l.account.text() + ` AS account_id,
  ` + l.due.time() + ` AS due_at, ` + l.created.time() + ` AS created_at,
  ` + l.updated.time() + ` AS updated_at, ` + l.completed.time() + ` AS completed_at,
  ` + l.versionAsKept() + ` AS version, ` + l.metadata.text() + ` AS metadata, ` +
		l.request.text() + ` AS request`
}

// versionAsKept leaves it to [Version] to make sense of NULL.
func (l *layout) versionAsKept() string {
	if !l.version.mapped() {
		return "0::bigint"
	}
	return l.version.quoted()
}

// versionNow renders the version that a change raises; rows from before the
// column was there count as new.
func (l *layout) versionNow() string {
	if l.version.nullable {
		return "COALESCE(" + l.version.quoted() + ", 1)"
	}
	return l.version.quoted()
}
