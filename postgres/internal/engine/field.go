package engine

import (
	"fmt"
	"regexp"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/assignment-go/assignment/postgres/internal/guard"
	"github.com/assignment-go/assignment/postgres/internal/sqltext"
)

// form is how PostgreSQL keeps an attribute.
type form = guard.PGType

const (
	formText        = guard.Text
	formVarchar     = guard.Varchar
	formUUID        = guard.UUID
	formSmallint    = guard.Smallint
	formInteger     = guard.Integer
	formBigint      = guard.Bigint
	formEnum        = guard.Enum
	formTimestampTZ = guard.TimestampTZ
	formTimestamp   = guard.Timestamp
	formDate        = guard.Date
	formJSON        = guard.JSON
	formJSONB       = guard.JSONB
	// formOfHost is any type of a column that only the host knows.
	formOfHost form = "host"
)

// field is one attribute of an assignment and the column that keeps it.
type field struct {
	// name is what callers know the attribute as.
	name string
	// column is empty when the table does not keep the attribute.
	column string
	// essential is what the guard and every statement stand on.
	essential bool
	// value is what a new row gets.
	value argument
	// textOf is the same as a text, with none as the empty one; nil for what is no
	// text.
	textOf func(in *input) string

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

func (f *field) mapped() bool { return f.column != "" }

func (f *field) quoted() string { return sqltext.Quote(f.column) }

// cut drops what the column does not keep of a time. PostgreSQL would round
// instead, and return another time than it was given.
func (f *field) cut(t time.Time) time.Time {
	if !f.mapped() || t.IsZero() {
		return time.Time{}
	}
	return t.UTC().Truncate(f.unit())
}

func (f *field) unit() time.Duration {
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
func (f *field) rejects(value string) string {
	switch {
	case f.form == formUUID && !canonicalUUID.MatchString(value):
		return "must be a UUID in lower case with hyphens: its column is of type uuid"
	case f.isInteger() && !f.isCanonical(value):
		return fmt.Sprintf("must be a decimal number of at most %d bits without leading zeros: its column is an integer", f.bits())
	case f.form == formVarchar && f.limit > 0 && utf8.RuneCountInString(value) > f.limit:
		// PostgreSQL would drop surplus spaces without a word
		return fmt.Sprintf("is longer than the %d characters of its column", f.limit)
	default:
		return ""
	}
}

// isCanonical reports whether the column would give the number back as it is
// written.
func (f *field) isCanonical(value string) bool {
	n, err := strconv.ParseInt(value, 10, f.bits())
	return err == nil && strconv.FormatInt(n, 10) == value
}

func (f *field) isInteger() bool {
	return f.form == formSmallint || f.form == formInteger || f.form == formBigint
}

func (f *field) bits() int {
	return map[form]int{formSmallint: 16, formInteger: 32, formBigint: 64}[f.form]
}
