package databasesql

import (
	"database/sql"
	"database/sql/driver"
	"errors"
	"reflect"
	"strconv"
	"time"

	"github.com/assignment-go/assignment"
)

// inOneExchange returns the statement and its arguments in the form that makes
// them one message to the server.
//
// A driver that sends the statement first and its parameters later does harm
// behind a transaction pooler: on the server that gets the parameters, the
// unnamed statement can be that of another client, which then runs without any
// error. lib/pq does so unless its DSN has binary_parameters=yes, and pgx/stdlib
// in the mode describe_exec; of a driver that is not known nothing better is
// supposed. They get statements in which the arguments are literals.
func inOneExchange(conn *sql.Conn, query string, args []any) (string, []any, error) {
	if len(args) == 0 {
		return query, nil, nil
	}
	err := conn.Raw(func(conn any) error {
		if sendsTogether(reflect.ValueOf(conn), maxWrappers) {
			return nil
		}
		values, err := valuesOf(conn, args)
		if err != nil {
			return err
		}
		args = nil
		query, err = inline(query, values)
		return err
	})
	return query, args, err
}

// valuesOf turns the arguments into what database/sql would give the driver.
func valuesOf(conn any, args []any) ([]driver.Value, error) {
	values := make([]driver.Value, len(args))
	for i, arg := range args {
		value, err := valueOf(conn, i, arg)
		if err != nil {
			return nil, &assignment.InvalidError{Field: parameter(i), Reason: "can't be encoded: " + err.Error()}
		}
		values[i] = value
	}
	return values, nil
}

func valueOf(conn any, i int, arg any) (driver.Value, error) {
	switch arg.(type) {
	case nil, string, int64, time.Time:
		return arg, nil
	}
	if checker, ok := conn.(driver.NamedValueChecker); ok {
		named := driver.NamedValue{Ordinal: i + 1, Value: arg}
		if err := checker.CheckNamedValue(&named); err == nil {
			arg = named.Value
		} else if !errors.Is(err, driver.ErrSkip) {
			return nil, err
		}
	}
	return driver.DefaultParameterConverter.ConvertValue(arg)
}

func parameter(i int) string { return "parameter $" + strconv.Itoa(i+1) }

// maxWrappers bounds how deep a driver may lie within others that trace it or
// log its calls.
const maxWrappers = 4

var driverConn = reflect.TypeFor[driver.Conn]()

// sendsTogether looks at the driver's connection, or into the one that wraps it,
// by reflection: importing a driver would register it in programs that use
// another one.
func sendsTogether(conn reflect.Value, wrappers int) bool {
	for conn.Kind() == reflect.Interface || conn.Kind() == reflect.Pointer {
		conn = conn.Elem()
	}
	if conn.Kind() != reflect.Struct {
		return false
	}
	switch name := conn.Type().PkgPath() + "." + conn.Type().Name(); {
	case name == "github.com/lib/pq.conn":
		binary := walk(conn, "cfg", "BinaryParameters")
		return binary.Kind() == reflect.Bool && binary.Bool()
	case name == "github.com/jackc/pgx/v5/stdlib.Conn":
		mode := walk(conn, "conn", "config", "DefaultQueryExecMode")
		return mode.CanInt() && mode.Int() != describeExec
	case wrappers == 0:
		return false
	}
	for i := range conn.NumField() {
		if f := conn.Field(i); holdsDriver(f) {
			return sendsTogether(f, wrappers-1)
		}
	}
	return false
}

// describeExec is pgx.QueryExecModeDescribeExec.
const describeExec = 3

// holdsDriver reports whether the field of a wrapper is a driver's connection.
func holdsDriver(f reflect.Value) bool {
	if f.Kind() == reflect.Interface && !f.IsNil() {
		f = f.Elem()
	}
	return f.Type().Implements(driverConn)
}

// walk follows the fields of that name; the zero Value means that there is none.
func walk(v reflect.Value, names ...string) reflect.Value {
	for _, name := range names {
		for v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
			v = v.Elem()
		}
		if v.Kind() != reflect.Struct {
			return reflect.Value{}
		}
		v = v.FieldByName(name)
	}
	return v
}
