package guard

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/assignment-go/assignment/postgres/internal/sqltext"
	"github.com/assignment-go/assignment/postgres/schema"
)

// fixes renders the statements that fix what is found. What the server would
// refuse is never rendered.
type fixes struct {
	spec    Spec
	catalog *Catalog
}

func (f fixes) table() schema.Table { return f.spec.Table }

// alter renders the statement that changes the column.
func (f fixes) alter(column, action string) []string {
	return []string{fmt.Sprintf("ALTER TABLE %s ALTER COLUMN %s %s;", f.table(), sqltext.Quote(column), action)}
}

// create renders the statement that builds the guard under a name that is free,
// so that what is there can stay meanwhile: dropping it first would leave the
// slot without any guard in between. There is no concurrent build for a
// partitioned table.
func (f fixes) create() string {
	name := FreeName(f.table().GuardName(), f.catalog.Taken)
	sql := NamedSQL(name, f.table(), f.spec.Lifecycle) + ";"
	if f.catalog.Partitioned() {
		sql = strings.Replace(sql, " CONCURRENTLY", "", 1)
	}
	return sql
}

// maxIdentifierBytes is NAMEDATALEN-1: PostgreSQL truncates longer names.
const maxIdentifierBytes = 63

// FreeName returns the name, or else the first of name_2, name_3 … that is not
// taken.
func FreeName(name string, taken []string) string {
	free := name
	for n := 2; slices.Contains(taken, free); n++ {
		suffix := "_" + strconv.Itoa(n)
		base := name
		for len(base)+len(suffix) > maxIdentifierBytes {
			_, size := utf8.DecodeLastRuneInString(base)
			base = base[:len(base)-size]
		}
		free = base + suffix
	}
	return free
}

// builtBySDK reports whether the name is one that the SDK gives to guards.
func (f fixes) builtBySDK(i Index) bool {
	name := f.table().GuardName()
	if i.Name == name {
		return true
	}
	number := i.Name[strings.LastIndexByte(i.Name, '_')+1:]
	n, err := strconv.Atoi(number)
	return err == nil && n > 1 && n < maxNumbered && i.Name == FreeName(name, numbered(name, n))
}

// maxNumbered bounds the search for such names: an index may be called by any
// number, such as the OID of its table.
const maxNumbered = 100

// numbered returns the name and its variants below number n.
func numbered(name string, n int) []string {
	var names []string
	for range n - 1 {
		names = append(names, FreeName(name, names))
	}
	return names
}

// drop renders the statement that removes the index. It is empty when the server
// would refuse it, or when something else depends on the index.
func (f fixes) drop(i Index) []string {
	if f.kept(i) != "" {
		return nil
	}
	if i.Constraint != "" {
		return []string{fmt.Sprintf("ALTER TABLE %s DROP CONSTRAINT %s;", f.table(), sqltext.Quote(i.Constraint))}
	}
	how := "INDEX CONCURRENTLY"
	if f.catalog.Partitioned() {
		how = "INDEX"
	}
	return []string{fmt.Sprintf("DROP %s %s;", how, schema.Table{Schema: i.Schema, Name: i.Name})}
}

// kept says what needs the index beside the rows themselves, empty for nothing.
func (f fixes) kept(i Index) string {
	var why []string
	if len(i.ReferencedBy) > 0 {
		why = append(why, "the foreign key "+strings.Join(i.ReferencedBy, ", ")+" depends on it")
	}
	if i.ReplicaIdentity {
		why = append(why, "the REPLICA IDENTITY of the table rests on it, so that without it every UPDATE of the published table fails")
	}
	if i.Parent != 0 {
		why = append(why, "it belongs to an index of the partitioned table")
	}
	return strings.Join(why, "; ")
}

// finalize renders the statement that ends a half-done detach.
func (f fixes) finalize(p Partition) []string {
	return []string{fmt.Sprintf("ALTER TABLE %s DETACH PARTITION %s FINALIZE;",
		f.table(), schema.Table{Schema: p.Schema, Name: p.Name})}
}

// duplicatesHint says what to do before any unique index can be built.
func (f fixes) duplicatesHint() string {
	names := strings.Join(quoteAll(f.spec.slot()), ", ")
	return fmt.Sprintf("; resolve what is active more than once before you build one: "+
		"SELECT %[1]s, count(*) FROM %[2]s WHERE %[3]s GROUP BY %[1]s HAVING count(*) > 1", names, f.table(), f.spec.active())
}

// TemporaryName is what package adopt calls the index that keeps duplicates out
// of a table while it builds the guard.
func TemporaryName(table uint32) string { return fmt.Sprintf("assignment_guard_temporary_%d", table) }
