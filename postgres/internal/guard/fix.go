package guard

import (
	"fmt"
	"strings"

	"github.com/assignment-go/assignment/postgres/internal/sqltext"
	"github.com/assignment-go/assignment/postgres/schema"
)

// fixes renders the SQL that fixes what is found. It renders nothing that the
// server would reject.
type fixes struct {
	spec    Spec
	catalog *Catalog
}

func (f fixes) table() schema.Table { return f.spec.Table }

// alter renders the statement that changes the column.
func (f fixes) alter(column, action string) []string {
	return []string{fmt.Sprintf("ALTER TABLE %s ALTER COLUMN %s %s;", f.table(), sqltext.Quote(column), action)}
}

// create renders the statement that builds the guard under a free name. An index
// that already has the name stays meanwhile: dropping it first would leave the
// slot unguarded in between. A partitioned table has no concurrent build.
func (f fixes) create() string {
	name := FreeName(f.table().GuardName(), f.catalog.Taken)
	sql := NamedSQL(name, f.table(), f.spec.Lifecycle) + ";"
	if f.catalog.Partitioned() {
		sql = strings.Replace(sql, " CONCURRENTLY", "", 1)
	}
	return sql
}

// drop renders the statement that removes the index. It is empty when the server
// would reject it, or when something else depends on the index.
func (f fixes) drop(i Index) []string {
	if f.dependents(i) != "" {
		return nil
	}
	if i.Constraint != "" {
		return []string{fmt.Sprintf("ALTER TABLE %s DROP CONSTRAINT %s;", f.table(), sqltext.Quote(i.Constraint))}
	}
	if f.catalog.Partitioned() {
		return []string{fmt.Sprintf("DROP INDEX %s;", i)}
	}
	return []string{fmt.Sprintf("DROP INDEX CONCURRENTLY %s;", i)}
}

// dependents says what depends on the index besides the rows themselves, empty for
// nothing.
func (f fixes) dependents(i Index) string {
	var why []string
	if len(i.ReferencedBy) > 0 {
		why = append(why, "the foreign key "+strings.Join(i.ReferencedBy, ", ")+" depends on it")
	}
	if i.ReplicaIdentity {
		why = append(why, "the REPLICA IDENTITY of the table uses it, and without it every UPDATE of the published table fails")
	}
	if i.Parent != 0 {
		why = append(why, "it belongs to an index of the partitioned table")
	}
	return strings.Join(why, "; ")
}

// finalize renders the statement that finishes an interrupted detach.
func (f fixes) finalize(p Partition) []string {
	return []string{fmt.Sprintf("ALTER TABLE %s DETACH PARTITION %s FINALIZE;",
		f.table(), schema.Table{Schema: p.Schema, Name: p.Name})}
}

// identity renders the statement that makes the ID the primary key, or else
// unique: a table has only one primary key.
func (f fixes) identity() string {
	columns := append([]string{f.table().Columns.ID}, f.catalog.PartitionedBy...)
	list := sqltext.Columns(columns...)
	for _, i := range f.catalog.Indexes {
		switch {
		case !i.Primary:
		case f.catalog.Partitioned():
			return fmt.Sprintf("CREATE UNIQUE INDEX ON %s (%s);", f.table(), list)
		default:
			return fmt.Sprintf("CREATE UNIQUE INDEX CONCURRENTLY ON %s (%s);", f.table(), list)
		}
	}
	return fmt.Sprintf("ALTER TABLE %s ADD PRIMARY KEY (%s);", f.table(), list)
}

// duplicatesHint says what to do before any unique index can be built.
func (f fixes) duplicatesHint() string {
	names := sqltext.Columns(f.spec.slot()...)
	return fmt.Sprintf("; resolve keys that are active more than once before you build one: "+
		"SELECT %[1]s, count(*) FROM %[2]s WHERE %[3]s GROUP BY %[1]s HAVING count(*) > 1", names, f.table(), f.spec.active())
}
