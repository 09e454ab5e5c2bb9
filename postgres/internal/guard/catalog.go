package guard

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/assignment-go/assignment/postgres/schema"
)

// Catalog is what PostgreSQL knows about a table, its indexes and the session
// that asked.
type Catalog struct {
	OID    uint32 `json:"oid"`
	Schema string `json:"schema"`
	Name   string `json:"name"`
	// Kind is that of pg_class: r for a table, p for a partitioned one.
	Kind string `json:"kind"`
	// Persistence is that of pg_class: p for permanent, u for unlogged, t for
	// temporary.
	Persistence string `json:"persistence"`
	// Owner means that the role may act as the owner of the table.
	Owner bool `json:"owner"`
	// Version is that of the server, as server_version_num has it.
	Version int     `json:"version"`
	Session Session `json:"session"`

	Columns []Column `json:"columns"`
	Indexes []Index  `json:"indexes"`
	// Checks are the CHECK constraints that are enforced.
	Checks []Check `json:"checks"`
	// Rules are the rewrite rules that are not disabled.
	Rules []string `json:"rules"`
	// Children are the tables that inherit from the table without being its
	// partitions.
	Children []string `json:"children"`
	// Partitions are the direct ones.
	Partitions []Partition `json:"partitions"`
	// PartitionedBy are the columns of the partition keys of the table and of all
	// partitions that are partitioned themselves; "" for an expression.
	PartitionedBy []string `json:"partitioned_by"`
	// Unlogged are the table and partitions that a crash empties.
	Unlogged []string `json:"unlogged"`
	Triggers Triggers `json:"triggers"`

	// Taken are names of relations beside the table that begin like the guard's.
	Taken []string `json:"taken"`
}

// Triggers says when triggers of the host get at a row that a statement writes.
// Foreign keys and the like, which PostgreSQL implements by triggers of its own,
// don't count: they change nothing.
type Triggers struct {
	// BeforeInsert and BeforeUpdate mean that a row may be stored otherwise than
	// the statement says, or not at all.
	BeforeInsert bool `json:"before_insert"`
	BeforeUpdate bool `json:"before_update"`
	// AfterInsert and AfterUpdate mean that a row may be changed once more when the
	// statement has returned it, also by a trigger for the whole statement.
	AfterInsert bool `json:"after_insert"`
	AfterUpdate bool `json:"after_update"`
	// Deferred means that some of them wait for the end of the transaction.
	Deferred bool `json:"deferred"`
}

// Session is the role and the settings that a verification depends on.
type Session struct {
	Role           string `json:"role"`
	ServerEncoding string `json:"server_encoding"`
	ClientEncoding string `json:"client_encoding"`
	// RowSecurity means that the role sees only some of the rows.
	RowSecurity bool `json:"row_security"`
}

// Column is one column of the table.
type Column struct {
	Name    string `json:"name"`
	Type    string `json:"type"`    // for people
	PGType  PGType `json:"pg_type"` // empty for types that are not PostgreSQL's own
	Cast    string `json:"cast"`    // for SQL; neither truncates nor pads
	NotNull bool   `json:"not_null"`
	// Deterministic is false when the collation makes distinct values equal.
	Deterministic bool `json:"deterministic"`
	// Limit is the length of a varchar in characters, zero for none.
	Limit int `json:"limit"`
	// Digits is how many a time keeps of the second.
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
	// they reference goes.
	NulledBy []string `json:"nulled_by"`
}

// Index is one index of the table.
type Index struct {
	OID        uint32 `json:"oid"`
	Schema     string `json:"schema"`
	Name       string `json:"name"`
	Definition string `json:"definition"`
	// Parent is the index of the parent that it is attached to, zero for none.
	Parent uint32 `json:"parent"`
	// Constraint is the constraint that owns it.
	Constraint string `json:"constraint"`
	// ReferencedBy are the foreign keys that depend on it.
	ReferencedBy []string `json:"referenced_by"`
	// ReplicaIdentity means that logical replication tells rows apart by it.
	ReplicaIdentity bool `json:"replica_identity"`
	// Columns are the key columns; "" for an expression.
	Columns []string `json:"columns"`
	// Mentions are all columns that its expressions and its predicate name, for an
	// index that belongs to no constraint.
	Mentions  []string `json:"mentions"`
	Predicate string   `json:"predicate"`
	Unique    bool     `json:"is_unique"`
	Primary   bool     `json:"is_primary"`
	Valid     bool     `json:"is_valid"`
	Ready     bool     `json:"is_ready"`
	Live      bool     `json:"is_live"`
	// Immediate is false for a deferrable constraint, which is no arbiter.
	Immediate bool `json:"is_immediate"`
	// OperatorClasses are those that are not PostgreSQL's own.
	OperatorClasses []string `json:"operator_classes"`
	// Deterministic is false when a collation of the index makes distinct keys
	// equal.
	Deterministic bool `json:"deterministic"`
	// DefaultCollation means that it sorts by the collation of the database.
	DefaultCollation bool `json:"default_collation"`
	// StaleCollations are those whose version is not the one it was built under.
	StaleCollations []string `json:"stale_collations"`
	// NullsNotDistinct is only known to PostgreSQL 15 and newer.
	NullsNotDistinct bool `json:"nulls_not_distinct"`
	// Gaps are the partitions in which no usable index stands for it.
	Gaps []string `json:"gaps"`
}

// Check is a CHECK constraint.
type Check struct {
	Name      string   `json:"name"`
	Condition string   `json:"condition"`
	Columns   []string `json:"columns"`
}

func (c *Catalog) column(name string) *Column {
	i := slices.IndexFunc(c.Columns, func(col Column) bool { return col.Name == name })
	if i < 0 {
		return nil
	}
	return &c.Columns[i]
}

// Column returns the column of that name, and false when there is none.
func (c *Catalog) Column(name string) (Column, bool) {
	col := c.column(name)
	if col == nil {
		return Column{}, false
	}
	return *col, true
}

// Partitioned reports whether the table is a partitioned one.
func (c *Catalog) Partitioned() bool { return c.Kind == "p" }

// Usable reports whether the index is complete: valid, ready and live.
func (i Index) Usable() bool { return i.Valid && i.Ready && i.Live && len(i.Gaps) == 0 }

// Partition is a direct partition of a table.
type Partition struct {
	OID    uint32 `json:"oid"`
	Schema string `json:"schema"`
	Name   string `json:"name"`
	Kind   string `json:"kind"`
	// Detaching means that a concurrent DETACH has not been finished.
	Detaching bool `json:"detaching"`
}

//go:embed catalog.sql
var catalogSQL string

// Read asks the catalog. It returns nil when there is no such relation.
func Read(ctx context.Context, q Querier, t schema.Table) (*Catalog, error) {
	text, err := q.Text(ctx, catalogSQL, t.String(), t.GuardName())
	if err != nil {
		return nil, fmt.Errorf("inspect %s: %w", t, err)
	}
	if text == "" {
		return nil, nil
	}
	var c Catalog
	if err := json.Unmarshal([]byte(text), &c); err != nil {
		return nil, fmt.Errorf("inspect %s: %w", t, err)
	}
	return &c, nil
}
