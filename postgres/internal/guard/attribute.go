package guard

import "github.com/assignment-go/assignment/postgres/schema"

// PGType is how PostgreSQL keeps an attribute, as far as SQL differs by it. The
// names are those of pg_type, but for enum.
type PGType string

// The types that attributes may have.
const (
	Text        PGType = "text"
	Varchar     PGType = "varchar"
	UUID        PGType = "uuid"
	Smallint    PGType = "int2"
	Integer     PGType = "int4"
	Bigint      PGType = "int8"
	Enum        PGType = "enum"
	TimestampTZ PGType = "timestamptz"
	Timestamp   PGType = "timestamp"
	Date        PGType = "date"
	JSON        PGType = "json"
	JSONB       PGType = "jsonb"
)

// String is the name that SQL knows the type by.
func (t PGType) String() string {
	switch t {
	case Smallint:
		return "smallint"
	case Integer:
		return "integer"
	case Bigint:
		return "bigint"
	case Enum:
		return "an enum"
	default:
		return string(t)
	}
}

// IsInteger reports whether the type is an integer of any width.
func (t PGType) IsInteger() bool { return t == Smallint || t == Integer || t == Bigint }

// Attribute is a part of an assignment with the column that keeps it.
type Attribute struct {
	// Name is what callers know the attribute as.
	Name string
	// Column is empty when the table does not keep it.
	Column string
	// Required is what the guard and every statement rest on.
	Required bool
	// Types are those that the column may have.
	Types []PGType
}

// Attributes returns all attributes, mapped or not, in the order in which the
// engine reads them.
func Attributes(c schema.Columns) []Attribute {
	opaque := []PGType{Text, Varchar, UUID, Smallint, Integer, Bigint}
	times := []PGType{TimestampTZ, Timestamp, Date}
	return []Attribute{
		{"ID", c.ID, true, opaque},
		{"Key.AssigneeID", c.AssigneeID, true, opaque},
		{"Key.SubjectID", c.SubjectID, true, opaque},
		{"Status", c.Status, true, []PGType{Text, Varchar, Enum}},
		{"AssignedBy", c.AssignedBy, false, opaque},
		{"AccountID", c.AccountID, false, opaque},
		{"DueAt", c.DueAt, false, times},
		{"CreatedAt", c.CreatedAt, false, times},
		{"UpdatedAt", c.UpdatedAt, false, times},
		{"CompletedAt", c.CompletedAt, false, times},
		// a smallint would end at 32767, after which its row could never change again
		{"Version", c.Version, false, []PGType{Bigint, Integer}},
		{"Metadata", c.Metadata, false, []PGType{JSONB, JSON}},
		{"Request", c.Request, false, []PGType{Text, Varchar}},
	}
}
