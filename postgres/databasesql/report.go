package databasesql

import (
	"cmp"
	"errors"
	"reflect"

	"github.com/assignment-go/assignment/postgres/internal/pgdb"
)

// describe reads the report of any driver by what they share. Importing lib/pq
// for its type would register it as a database/sql driver in programs that use
// another one.
func describe(err error) (pgdb.ServerError, bool) {
	if report, ok := errors.AsType[interface {
		error
		SQLState() string
	}](err); ok {
		return describeStruct(report, report.SQLState()), true
	}
	if report, ok := errors.AsType[interface {
		error
		Field(letter byte) string
	}](err); ok && report.Field('C') != "" {
		return describeFields(report.Field), true
	}
	return pgdb.ServerError{}, false
}

// describeStruct reads the fields of pgconn.PgError and pq.Error by their names.
func describeStruct(report error, code string) pgdb.ServerError {
	return pgdb.ServerError{
		Code:    code,
		Message: field(report, "Message"),
		Detail:  field(report, "Detail"),
		Subject: field(report, "ConstraintName", "Constraint", "ColumnName", "Column"),
		Table:   field(report, "TableName", "Table"),
		Where:   field(report, "Where"),
		Routine: field(report, "Routine"),
		Fatal:   isFatal(field(report, "SeverityUnlocalized", "Severity")),
	}
}

// describeFields reads the fields by the letters that the protocol gives them,
// which is how bun's pgdriver hands them out.
func describeFields(field func(byte) string) pgdb.ServerError {
	return pgdb.ServerError{
		Code:    field('C'),
		Message: field('M'),
		Detail:  field('D'),
		Subject: cmp.Or(field('n'), field('c')),
		Table:   field('t'),
		Where:   field('W'),
		Routine: field('R'),
		Fatal:   isFatal(cmp.Or(field('V'), field('S'))),
	}
}

func isFatal(severity string) bool { return severity == "FATAL" || severity == "PANIC" }

// field returns the first of the named string fields that is not empty.
func field(report error, names ...string) string {
	v := reflect.Indirect(reflect.ValueOf(report))
	if v.Kind() != reflect.Struct {
		return ""
	}
	for _, name := range names {
		if f := v.FieldByName(name); f.IsValid() && f.Kind() == reflect.String && f.String() != "" {
			return f.String()
		}
	}
	return ""
}
