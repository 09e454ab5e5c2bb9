package sqlgen

import (
	"cmp"
	"database/sql/driver"
	"strings"

	"github.com/assignment-go/assignment/postgres/internal/pgdb"
	"github.com/assignment-go/assignment/postgres/internal/sqltext"
)

// WithHostValues notes on the failure of the statement which values of the host's
// it had: they are the only ones that no check has seen.
func (s Statement) WithHostValues(in *Input, err error) error {
	if err == nil || len(s.extra) == 0 {
		return err
	}
	return &HostValuesError{err: err, extra: s.extra, in: in}
}

// HostValuesError is the failure of a statement that had values for columns of
// the host's own.
type HostValuesError struct {
	err error
	// extra are these columns, by the numbers of their parameters.
	extra map[int]field
	in    *Input
}

// Error implements error.
func (e *HostValuesError) Error() string { return e.err.Error() }

// Unwrap returns the failure.
func (e *HostValuesError) Unwrap() error { return e.err }

// Column names the column whose value is at fault: the one that the driver or
// the server names, the one whose name or type the message has, or the only one.
// It is empty when that can't be told.
func (e *HostValuesError) Column(report pgdb.ServerError) string {
	parameter := report.Parameter()
	if number, ok := pgdb.IsInClient(e.err); ok {
		parameter = number
	}
	if f, ok := e.extra[parameter]; ok {
		return f.column
	}
	return cmp.Or(
		e.only(func(f field) bool { return strings.Contains(report.Message, sqltext.Quote(f.column)) }),
		e.only(func(f field) bool { return report.Message != "" && f.isNamedIn(report.Message) }),
		e.only(func(f field) bool { return !isCommon(f.value(e.in)) }),
		e.only(func(field) bool { return true }),
	)
}

// only is the one column that fits; empty when there are none or more.
func (e *HostValuesError) only(fits func(field) bool) string {
	name, n := "", 0
	for _, f := range e.extra {
		if fits(f) {
			name = f.column
			n++
		}
	}
	if n != 1 {
		return ""
	}
	return name
}

// isNamedIn reports whether a message names the type of the column.
func (f *field) isNamedIn(message string) bool {
	name := f.cast[strings.LastIndex(f.cast, ".")+1:]
	words := map[string]string{
		"int2": "smallint", "int4": "integer", "int8": "bigint", "bool": "boolean", "float4": "real",
		"float8": "double precision", "varchar": "character varying", "bpchar": "character",
	}
	return strings.Contains(message, cmp.Or(words[name], name))
}

// isCommon reports whether any driver can encode the value.
func isCommon(value any) bool {
	_, err := driver.DefaultParameterConverter.ConvertValue(value)
	return err == nil
}
