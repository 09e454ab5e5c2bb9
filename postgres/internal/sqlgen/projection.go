package sqlgen

import (
	"strconv"
	"strings"

	"github.com/assignment-go/assignment/postgres/internal/pgdb"
)

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

// projection renders the result columns in the shape of [pgdb.Row].
func (l *Layout) projection(kind string) string {
	return kind + ` AS kind, ` + l.id.text() + ` AS id, ` + l.assignee.text() + ` AS assignee_id, ` +
		l.subject.text() + ` AS subject_id, ` + l.status.text() + ` AS status,
  ` + l.assignedBy.text() + ` AS assigned_by, ` + l.account.text() + ` AS account_id,
  ` + l.due.time() + ` AS due_at, ` + l.created.time() + ` AS created_at,
  ` + l.updated.time() + ` AS updated_at, ` + l.completed.time() + ` AS completed_at,
  ` + l.versionAsStored() + ` AS version, ` + l.metadata.text() + ` AS metadata, ` +
		l.request.text() + ` AS request`
}

// versionAsStored leaves it to [pgdb.Version] to make sense of NULL.
func (l *Layout) versionAsStored() string {
	if !l.version.mapped() {
		return "0::bigint"
	}
	return l.version.quoted()
}

// versionNow renders the version that a change raises; rows from before the
// column was there count as new.
func (l *Layout) versionNow() string {
	if l.version.nullable {
		return "COALESCE(" + l.version.quoted() + ", 1)"
	}
	return l.version.quoted()
}
