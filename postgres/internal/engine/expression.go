package engine

// put casts the placeholder of a new value to the type of the column. The
// first cast names the type of the parameter, so that the statement means the
// same in every protocol mode, also in those that send none.
func (f *field) put(placeholder string) string {
	if f.form == formDate {
		return f.match(placeholder) + "::date"
	}
	return f.match(placeholder)
}

// match casts the placeholder of a value that the column is compared with.
// Casts of the column itself would make its indexes useless.
func (f *field) match(placeholder string) string {
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

// text renders the column as text.
func (f *field) text() string {
	switch {
	case !f.mapped():
		return "''"
	case f.form == formText, f.form == formVarchar, f.form == formJSON, f.form == formJSONB:
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
	switch f.form {
	case formTimestamp:
		return "(" + expression + ") AT TIME ZONE 'UTC'"
	case formDate:
		return "(" + expression + ")::timestamp AT TIME ZONE 'UTC'"
	default:
		return expression
	}
}
