package engine

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/assignment-go/assignment/postgres/schema"
)

// createGuard renders the statement that builds the guard under a name that is
// free, so that what is there can be dropped afterwards: dropping it first
// would leave the slot without any guard in between.
func (j *judge) createGuard() string {
	t, l := j.engine.table, j.engine.lifecycle
	name := t.GuardName()
	for n := 2; j.taken(name); n++ {
		name = t.GuardName() + "_" + strconv.Itoa(n)
	}
	return schema.NamedGuardSQL(name, t, l) + ";"
}

func (j *judge) taken(name string) bool {
	return slices.ContainsFunc(j.catalog.Indexes, func(i index) bool { return i.Name == name })
}

// drop renders the statement that removes the index; one that belongs to a
// constraint goes only with that.
func (j *judge) drop(i index) string {
	if i.Constraint != "" {
		return fmt.Sprintf("ALTER TABLE %s DROP CONSTRAINT %s;", j.engine.table, schema.Quote(i.Constraint))
	}
	name := schema.Quote(i.Name)
	if s := j.engine.table.Schema; s != "" {
		name = schema.Quote(s) + "." + name
	}
	return fmt.Sprintf("DROP INDEX CONCURRENTLY %s;", name)
}

// duplicatesHint says what to do before any unique index can be built.
func (j *judge) duplicatesHint() string {
	const list = `SELECT %s, %s, count(*) FROM %s WHERE %s GROUP BY 1, 2 HAVING count(*) > 1`
	return fmt.Sprintf("; resolve what is active more than once before you build one: "+list,
		schema.Quote(j.columns().AssigneeID), schema.Quote(j.columns().SubjectID),
		j.engine.table, j.engine.plan().activeOnly)
}
