package engine

import (
	"fmt"
	"regexp"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/assignment-go/assignment/postgres/schema"
)

// form is how PostgreSQL keeps an attribute, as far as the SQL differs by it.
// The names are those of pg_type, but for enum.
type form string

const (
	formText        form = "text"
	formVarchar     form = "varchar"
	formUUID        form = "uuid"
	formSmallint    form = "int2"
	formInteger     form = "int4"
	formBigint      form = "int8"
	formEnum        form = "enum"
	formTimestampTZ form = "timestamptz"
	formTimestamp   form = "timestamp"
	formDate        form = "date"
	formJSON        form = "json"
	formJSONB       form = "jsonb"
)

// field is one attribute of an assignment and the column that keeps it.
type field struct {
	// name is what callers know the attribute as.
	name string
	// column is empty when the table does not keep the attribute.
	column string
	// forms are those that the column may have.
	forms []form
	// value is what a new row gets.
	value argument

	// The rest is what the catalog says, or assumed as long as it has not been
	// asked.
	form     form
	cast     string // the type, for a cast that neither cuts nor pads
	nullable bool
	// limit is the length of a varchar in characters, zero for none.
	limit int
	// digits is how many a time keeps of the second.
	digits int
	labels []string // of an enum
}

// String is the name that SQL knows the type by.
func (f form) String() string {
	switch f {
	case formSmallint:
		return "smallint"
	case formInteger:
		return "integer"
	case formBigint:
		return "bigint"
	case formEnum:
		return "an enum"
	default:
		return string(f)
	}
}

func (f field) mapped() bool { return f.column != "" }

func (f field) quoted() string { return schema.Quote(f.column) }

// adopt takes over what the catalog says about the column; false means that its
// type is none of those that the attribute may have.
func (f *field) adopt(col column) bool {
	for _, form := range f.forms {
		if form == col.Form {
			f.form, f.cast, f.nullable, f.labels = form, col.Cast, !col.NotNull, col.Labels
			f.limit, f.digits = col.Limit, col.Digits
			return true
		}
	}
	return false
}

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

// cut drops what the column does not keep of a time. PostgreSQL would round
// instead, and return another time than it was given.
func (f field) cut(t time.Time) time.Time {
	if !f.mapped() || t.IsZero() {
		return time.Time{}
	}
	return t.UTC().Truncate(f.unit())
}

func (f field) unit() time.Duration {
	if f.form == formDate {
		return 24 * time.Hour
	}
	unit := time.Second
	for range f.digits {
		unit /= 10
	}
	return unit
}

var canonicalUUID = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// rejects returns why the column can't hold the value and give it back byte by
// byte; empty when it can.
func (f field) rejects(value string) string {
	switch f.form {
	case formUUID:
		if !canonicalUUID.MatchString(value) {
			return "must be a UUID in lower case with hyphens: its column is of type uuid"
		}
	case formSmallint, formInteger, formBigint:
		if n, err := strconv.ParseInt(value, 10, f.bits()); err != nil || strconv.FormatInt(n, 10) != value {
			return fmt.Sprintf("must be a decimal number of at most %d bits without leading zeros: its column is an integer", f.bits())
		}
	case formVarchar:
		// checked here, since PostgreSQL drops surplus spaces without a word
		if f.limit > 0 && utf8.RuneCountInString(value) > f.limit {
			return fmt.Sprintf("is longer than the %d characters of its column", f.limit)
		}
	}
	return ""
}

func (f field) isInteger() bool {
	return f.form == formSmallint || f.form == formInteger || f.form == formBigint
}

func (f field) bits() int {
	switch f.form {
	case formSmallint:
		return 16
	case formInteger:
		return 32
	default:
		return 64
	}
}
