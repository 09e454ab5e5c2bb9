package sqlgen

import "github.com/assignment-go/assignment/postgres/internal/guard"

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

// text renders the column as text.
func (f *field) text() string {
	switch {
	case !f.mapped():
		return "''"
	case f.pgType == guard.Text, f.pgType == guard.Varchar, f.pgType == guard.JSON, f.pgType == guard.JSONB:
		return f.quoted() // drivers hand out JSON as text
	default:
		return f.quoted() + "::text"
	}
}

// time renders the column as a timestamptz.
func (f *field) time() string {
	if !f.mapped() {
		return "NULL::timestamptz"
	}
	return f.inUTC(f.quoted())
}

func (f *field) inUTC(expression string) string {
	switch f.pgType {
	case guard.Timestamp:
		return "(" + expression + ") AT TIME ZONE 'UTC'"
	case guard.Date:
		return "(" + expression + ")::timestamp AT TIME ZONE 'UTC'"
	default:
		return expression
	}
}
