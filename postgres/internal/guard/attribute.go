package guard

import "github.com/assignment-go/assignment/postgres/schema"

// PGType is the type of a column, as far as the SQL differs by it. The names are
// those of pg_type, except for enum.
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

// String returns the name of the type in SQL.
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

// Attribute is a part of an assignment and the column that stores it.
type Attribute struct {
	// Name is the attribute's name in package assignment.
	Name string
	// Column is empty when the attribute is not mapped.
	Column string
	// Required attributes are those that the guard and every statement need.
	Required bool
	// Types are the types that the column may have.
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
		// a row whose version is a smallint could never change again after 32767
		{"Version", c.Version, false, []PGType{Bigint, Integer}},
		{"Metadata", c.Metadata, false, []PGType{JSONB, JSON}},
		{"Request", c.Request, false, []PGType{Text, Varchar}},
	}
}
