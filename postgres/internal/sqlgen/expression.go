package sqlgen

import (
	"github.com/assignment-go/assignment/postgres/internal/guard"
	"github.com/assignment-go/assignment/postgres/internal/sqltext"
)

// put casts the placeholder of a new value to the type of the column. The
// first cast names the type of the parameter, so that the statement means the
// same in every protocol mode, also in those that send none.
func (f *field) put(placeholder string) string {
	if f.pgType == guard.Date {
		return f.match(placeholder) + "::date"
	}
	return f.match(placeholder)
}

// match casts the placeholder of a value that the column is compared with.
// Casts of the column itself would make its indexes useless.
func (f *field) match(placeholder string) string {
	switch f.pgType {
	case guard.Text, guard.Varchar:
		return placeholder + "::text"
	case guard.TimestampTZ:
		return placeholder + "::timestamptz"
	case guard.Timestamp, guard.Date:
		return "(" + placeholder + "::timestamptz AT TIME ZONE 'UTC')"
	case typeOfHost:
		return placeholder + "::" + f.cast
	default:
		return placeholder + "::text::" + f.cast
	}
}

// read renders the result column in which statements return the attribute.
func (f *field) read() string {
	expression := f.expression()
	if expression == sqltext.Quote(f.result) {
		return expression
	}
	return expression + " AS " + f.result
}

// expression renders what the table has of the attribute, in the type that
// [pgdb.Row] reads. It leaves it to the reader to make sense of NULL.
func (f *field) expression() string {
	switch {
	case !f.mapped():
		return [...]string{textual: "''", moment: "NULL::timestamptz", number: "0::bigint"}[f.shape]
	case f.shape == number:
		return f.quoted()
	}
	switch f.pgType {
	case guard.Text, guard.Varchar, guard.TimestampTZ:
		return f.quoted()
	case guard.JSON, guard.JSONB:
		return f.quoted() // drivers return JSON as text
	case guard.Timestamp:
		return f.quoted() + " AT TIME ZONE 'UTC'"
	case guard.Date:
		return f.quoted() + "::timestamp AT TIME ZONE 'UTC'"
	default:
		return f.quoted() + "::text"
	}
}
