package guard

import (
	"slices"

	"github.com/assignment-go/assignment/postgres/schema"
)

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
	// ReplicaIdentity means that logical replication identifies rows by it.
	ReplicaIdentity bool `json:"replica_identity"`
	// Columns are the key columns; "" for an expression.
	Columns []string `json:"columns"`
	// Mentions are all columns that its expressions and its predicate name. It is
	// known only for an index that belongs to no constraint.
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
	// Deterministic is false when a collation of the index makes different keys
	// equal.
	Deterministic bool `json:"deterministic"`
	// DefaultCollation means that it sorts by the collation of the database.
	DefaultCollation bool `json:"default_collation"`
	// StaleCollations are those whose version has changed since the index was
	// built.
	StaleCollations []string `json:"stale_collations"`
	// NullsNotDistinct is only known to PostgreSQL 15 and newer.
	NullsNotDistinct bool `json:"nulls_not_distinct"`
	// Gaps are the partitions that have no usable index attached to it.
	Gaps []string `json:"gaps"`
}

// Usable reports whether the index is complete: valid, ready and live.
func (i Index) Usable() bool { return i.Valid && i.Ready && i.Live && len(i.Gaps) == 0 }

// String returns the name of the index, quoted and with its schema.
func (i Index) String() string { return schema.Table{Schema: i.Schema, Name: i.Name}.String() }

// Identifies reports whether it makes a row unique by its ID, or by its ID and
// key, which partitioned and distributed tables must have in every unique index.
func (i Index) Identifies(c schema.Columns) bool {
	return i.Unique && i.Usable() && i.Immediate && i.Deterministic && len(i.OperatorClasses) == 0 &&
		i.Predicate == "" && slices.Contains(i.Columns, c.ID) &&
		!slices.ContainsFunc(i.Columns, func(name string) bool {
			return name != c.ID && name != c.AssigneeID && name != c.SubjectID
		})
}
