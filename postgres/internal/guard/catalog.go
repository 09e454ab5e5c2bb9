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
	// MissingRights are the rights that a store needs and the role lacks.
	MissingRights []string `json:"missing_rights"`
	// Version is server_version_num.
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

// Session is the role and the settings that an inspection depends on.
type Session struct {
	Role           string `json:"role"`
	ServerEncoding string `json:"server_encoding"`
	ClientEncoding string `json:"client_encoding"`
	// RowSecurity means that the role sees only some of the rows.
	RowSecurity bool `json:"row_security"`
}

// Check is a CHECK constraint.
type Check struct {
	Name      string   `json:"name"`
	Condition string   `json:"condition"`
	Columns   []string `json:"columns"`
}

// Partition is a direct partition of a table.
type Partition struct {
	OID    uint32 `json:"oid"`
	Schema string `json:"schema"`
	Name   string `json:"name"`
	Kind   string `json:"kind"`
	// Detaching means that a concurrent DETACH has not been finished.
	Detaching bool `json:"detaching"`
}

// Triggers says when triggers of the host see or change a row that a statement
// writes. Triggers with which PostgreSQL implements foreign keys don't count:
// they change nothing.
type Triggers struct {
	// BeforeInsert and BeforeUpdate mean that a row may be stored differently than
	// the statement says, or not at all.
	BeforeInsert bool `json:"before_insert"`
	BeforeUpdate bool `json:"before_update"`
	// AfterInsert and AfterUpdate mean that a row may change once more after the
	// statement has returned it, by a row or a statement trigger.
	AfterInsert bool `json:"after_insert"`
	AfterUpdate bool `json:"after_update"`
	// Deferred means that some of them wait for the end of the transaction.
	Deferred bool `json:"deferred"`
	// BeforeUpdateNames are the names of the triggers that BeforeUpdate is about.
	BeforeUpdateNames []string `json:"before_update_names"`
}

//go:embed catalog.sql
var catalogSQL string

// Read reads the catalog. It returns nil when there is no such relation.
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

// Partitioned reports whether the table is partitioned.
func (c *Catalog) Partitioned() bool { return c.Kind == "p" }

// isTable reports whether the relation is a table, partitioned or not.
func (c *Catalog) isTable() bool { return c.Kind == "r" || c.Kind == "p" }

// Column returns the column with the name, and false when there is none.
func (c *Catalog) Column(name string) (Column, bool) {
	i := slices.IndexFunc(c.Columns, func(col Column) bool { return col.Name == name })
	if i < 0 {
		return Column{}, false
	}
	return c.Columns[i], true
}

// Index returns the index with the name, and false when there is none.
func (c *Catalog) Index(name string) (Index, bool) {
	i := slices.IndexFunc(c.Indexes, func(i Index) bool { return i.Name == name })
	if i < 0 {
		return Index{}, false
	}
	return c.Indexes[i], true
}

// HasCheck reports whether an enforced CHECK constraint has the name.
func (c *Catalog) HasCheck(name string) bool {
	return slices.ContainsFunc(c.Checks, func(check Check) bool { return check.Name == name })
}
