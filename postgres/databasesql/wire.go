package databasesql

import (
	"database/sql/driver"
	"reflect"
)

// wire is how a driver is made to send a statement and its arguments in one
// exchange. The zero value is for those that do so by themselves.
type wire struct {
	// literals means that the arguments must be literals in the statement.
	literals bool
	// mode is what pgx must be told to send the statement in.
	mode any
}

// maxWrappers bounds how deep a driver may lie within others that trace it or
// log its calls.
const maxWrappers = 4

// The modes of pgx. Its package is not imported by programs that use another
// driver.
const (
	cacheDescribe = 2
	describeExec  = 3
	exec          = 4
)

// wireOf looks at the driver's connection, or into the one that wraps it, by
// reflection: importing a driver would register it in programs that use another
// one. A driver that is not known is taken for one that sends parameters later.
func wireOf(conn reflect.Value, wrappers int) wire {
	conn = pointedTo(conn)
	if conn.Kind() != reflect.Struct {
		return wire{literals: true}
	}
	switch conn.Type().PkgPath() + "." + conn.Type().Name() {
	case "github.com/lib/pq.conn":
		binary := walk(conn, "cfg", "BinaryParameters")
		return wire{literals: binary.Kind() != reflect.Bool || !binary.Bool()}
	case "github.com/jackc/pgx/v5/stdlib.Conn":
		return wireOfPgx(walk(conn, "conn", "config"))
	}
	for _, f := range conn.Fields() {
		if wrappers > 0 && holdsDriver(f) {
			return wireOf(f, wrappers-1)
		}
	}
	return wire{literals: true}
}

func wireOfPgx(config reflect.Value) wire {
	mode, capacity := walk(config, "DefaultQueryExecMode"), walk(config, "DescriptionCacheCapacity")
	if !mode.CanInt() || !capacity.CanInt() {
		return wire{literals: true}
	}
	if mode.Int() != describeExec {
		return wire{}
	}
	other := reflect.New(mode.Type()).Elem()
	other.SetInt(exec)
	if capacity.Int() > 0 {
		other.SetInt(cacheDescribe) // encodes the same values
	}
	return wire{mode: other.Interface()}
}

// holdsDriver reports whether the field of a wrapper is a driver's connection.
func holdsDriver(f reflect.Value) bool {
	if f.Kind() == reflect.Interface && !f.IsNil() {
		f = f.Elem()
	}
	return f.Type().Implements(reflect.TypeFor[driver.Conn]())
}

// walk follows the fields of these names; the zero Value means that there are
// none.
func walk(v reflect.Value, names ...string) reflect.Value {
	for _, name := range names {
		if v = pointedTo(v); v.Kind() != reflect.Struct {
			return reflect.Value{}
		}
		v = v.FieldByName(name)
	}
	return v
}

func pointedTo(v reflect.Value) reflect.Value {
	for v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	return v
}
