package guard

import (
	"fmt"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/sqltext"
	"github.com/assignment-go/assignment/postgres/schema"
)

// NamedSQL is [schema.ConcurrentGuardSQL] under another name, for a guard that is
// built beside the index that it replaces.
func NamedSQL(name string, t schema.Table, l assignment.Lifecycle) string {
	return fmt.Sprintf("CREATE UNIQUE INDEX CONCURRENTLY %s ON %s (%s) WHERE %s", sqltext.Quote(name), t,
		sqltext.Columns(t.Columns.AssigneeID, t.Columns.SubjectID), sqltext.Active(t.Columns.Status, l))
}
