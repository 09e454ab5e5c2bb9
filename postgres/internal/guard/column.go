package guard

// Column is one column of the table.
type Column struct {
	Name    string `json:"name"`
	Type    string `json:"type"`    // for people
	PGType  PGType `json:"pg_type"` // empty for types that are not PostgreSQL's own
	Cast    string `json:"cast"`    // for SQL; neither truncates nor pads
	NotNull bool   `json:"not_null"`
	// Deterministic is false when the collation makes different values equal.
	Deterministic bool `json:"deterministic"`
	// Limit is the length of a varchar in characters, zero for none.
	Limit int `json:"limit"`
	// Digits is how many fractional digits of a second a time has.
	Digits int `json:"digits"`
	// Labels are those of an enum.
	Labels []string `json:"labels"`
	// Required means that an insert must name the column.
	Required bool `json:"required"`
	// Identity means GENERATED … AS IDENTITY.
	Identity bool `json:"identity"`
	// Generated means computed from other columns.
	Generated bool `json:"generated"`
	// Default is the expression, if there is one.
	Default string `json:"default"`
	// NulledBy are the foreign keys that set the column to NULL when the row that
	// they reference is deleted or changes its key.
	NulledBy []string `json:"nulled_by"`
}
