package engine

import "fmt"

// put casts the placeholder of a new value to the type of the column. The
// first cast names the type of the parameter, so that the statement means the
// same in every protocol mode, also in those that send none.
func (f field) put(placeholder string) string {
	if f.form == formDate {
		return f.match(placeholder) + "::date"
	}
	return f.match(placeholder)
}

// match casts the placeholder of a value that the column is compared with.
// Casts of the column itself would make its indexes useless.
func (f field) match(placeholder string) string {
	switch f.form {
	case formText, formVarchar:
		return placeholder + "::text"
	case formTimestampTZ:
		return placeholder + "::timestamptz"
	case formTimestamp, formDate:
		return "(" + placeholder + "::timestamptz AT TIME ZONE 'UTC')"
	case formOfHost:
		return placeholder + "::" + f.cast
	default:
		return placeholder + "::text::" + f.cast
	}
}

// text renders the column as the text that callers see; NULL is the empty one,
// which is how the domain says "none".
func (f field) text() string {
	switch {
	case !f.mapped():
		return "''"
	case f.nullable && (f.form == formText || f.form == formVarchar):
		return "COALESCE(" + f.quoted() + ", '')"
	case f.nullable:
		return "COALESCE(" + f.quoted() + "::text, '')"
	case f.form == formText, f.form == formVarchar:
		return f.quoted()
	default:
		return f.quoted() + "::text"
	}
}

// time renders the column as a timestamptz. Infinity, which no time.Time can
// hold, reads as none.
func (f field) time() string {
	if !f.mapped() {
		return "NULL::timestamptz"
	}
	return f.inUTC(fmt.Sprintf("CASE WHEN isfinite(%[1]s) THEN %[1]s END", f.quoted()))
}

// earliest and latest bound the creation times that callers see. What lies
// outside, infinity above all, still has its place in the order of List.
const (
	earliest = "'0001-01-01 00:00:00+00'"
	latest   = "'9999-12-31 23:59:59.999999+00'"
)

// boundedTime renders the column as a timestamptz between earliest and latest;
// NULL is earliest, which a time.Time calls zero.
func (f field) boundedTime() string {
	if !f.mapped() {
		return "NULL::timestamptz"
	}
	return f.inUTC(fmt.Sprintf("LEAST(GREATEST(%s, %s), %s)", f.quoted(), earliest, latest))
}

func (f field) inUTC(expression string) string {
	switch f.form {
	case formTimestamp:
		return "(" + expression + ") AT TIME ZONE 'UTC'"
	case formDate:
		return "(" + expression + ")::timestamp AT TIME ZONE 'UTC'"
	default:
		return expression
	}
}
