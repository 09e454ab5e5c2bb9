package sqlgen

import (
	"fmt"
	"regexp"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/assignment-go/assignment/postgres/internal/guard"
	"github.com/assignment-go/assignment/postgres/internal/sqltext"
)

// typeOfHost is any type of a column that only the host knows.
const typeOfHost guard.PGType = "host"

// The attributes that errors name.
const (
	AttributeID       = "ID"
	AttributeAssignee = "Key.AssigneeID"
	AttributeStatus   = "Status"
)

// shape is what statements return a field as.
type shape int

const (
	textual shape = iota
	moment
	number
)

// field is one attribute of an assignment and the column that stores it.
type field struct {
	// name is what callers know the attribute as.
	name string
	// result is the name of its column in [pgdb.Row].
	result string
	shape  shape
	// column is empty when the table does not store the attribute.
	column string
	// value is what a new row gets.
	value func(in *Input) any
	// textOf is the same as a text, with none as the empty one; nil for what is no
	// text.
	textOf func(in *Input) string

	// The rest comes from the catalog; until that has been read, it is assumed.
	pgType   guard.PGType
	cast     string // the type, for a cast that neither truncates nor pads
	nullable bool
	// limit is the length of a varchar in characters, zero for none.
	limit int
	// digits is how many a time has of the second.
	digits int
	labels []string // of an enum
}

func (f *field) mapped() bool { return f.column != "" }

func (f *field) quoted() string { return sqltext.Quote(f.column) }

// truncate drops what the column does not store of a time. PostgreSQL would round
// instead, and return another time than it was given.
func (f *field) truncate(t time.Time) time.Time {
	if !f.mapped() || t.IsZero() {
		return time.Time{}
	}
	return t.UTC().Truncate(f.unit())
}

func (f *field) unit() time.Duration {
	if f.pgType == guard.Date {
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
	case f.pgType == guard.UUID && !canonicalUUID.MatchString(value):
		return "must be a UUID in lower case with hyphens: its column is of type uuid"
	case f.isInteger() && !f.isCanonical(value):
		return fmt.Sprintf("must be a decimal number of at most %d bits without leading zeros: its column is an integer", f.bits())
	case f.pgType == guard.Varchar && f.limit > 0 && utf8.RuneCountInString(value) > f.limit:
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
	return f.pgType == guard.Smallint || f.pgType == guard.Integer || f.pgType == guard.Bigint
}

func (f *field) bits() int {
	return map[guard.PGType]int{guard.Smallint: 16, guard.Integer: 32, guard.Bigint: 64}[f.pgType]
}
