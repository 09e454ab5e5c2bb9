package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/assignment-go/assignment/postgres/schema"
)

// catalog is what PostgreSQL knows about the table and its indexes.
type catalog struct {
	Columns []column `json:"columns"`
	Indexes []index  `json:"indexes"`
	// Rewritten means that a trigger can change rows before they are inserted.
	Rewritten bool `json:"rewritten"`
}

type column struct {
	Name          string `json:"name"`
	Type          string `json:"type"` // for people
	Form          form   `json:"form"` // empty for types that are not PostgreSQL's own
	Cast          string `json:"cast"` // for SQL; neither cuts nor pads
	NotNull       bool   `json:"not_null"`
	Deterministic bool   `json:"deterministic"`
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
}

type index struct {
	Name       string   `json:"name"`
	Definition string   `json:"definition"`
	Constraint string   `json:"constraint"` // the constraint that owns it
	Columns    []string `json:"columns"`    // key columns; null for an expression
	Predicate  string   `json:"predicate"`
	Unique     bool     `json:"is_unique"`
	Valid      bool     `json:"is_valid"`
	Ready      bool     `json:"is_ready"`
	Live       bool     `json:"is_live"`
	// Immediate is false for a deferrable constraint, which is no arbiter.
	Immediate bool `json:"is_immediate"`
	// Deterministic is false when a collation of the index makes distinct keys
	// equal.
	Deterministic bool `json:"deterministic"`
	// NullsNotDistinct is only known to PostgreSQL 15 and newer.
	NullsNotDistinct bool `json:"nulls_not_distinct"`
}

// inspectSQL reads everything in one statement, so that the parts fit together.
// The parameter is a name for to_regclass.
const inspectSQL = `SELECT jsonb_build_object(
  'columns', (
    SELECT COALESCE(jsonb_agg(jsonb_build_object(
        'name', a.attname, 'type', format_type(a.atttypid, NULL), 'not_null', a.attnotnull,
        'form', CASE WHEN y.typtype = 'e' THEN 'enum' WHEN n.nspname = 'pg_catalog' THEN y.typname ELSE '' END,
        'cast', quote_ident(n.nspname) || '.' || quote_ident(y.typname),
        'limit', CASE WHEN y.typname = 'varchar' AND a.atttypmod > 4 THEN a.atttypmod - 4 ELSE 0 END,
        'digits', CASE WHEN a.atttypmod BETWEEN 0 AND 6 THEN a.atttypmod ELSE 6 END,
        'labels', (SELECT jsonb_agg(e.enumlabel ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = y.oid),
        'identity', a.attidentity <> '', 'generated', a.attgenerated <> '',
        'default', COALESCE((
          SELECT pg_get_expr(d.adbin, d.adrelid) FROM pg_attrdef d
          WHERE d.adrelid = a.attrelid AND d.adnum = a.attnum), ''),
        'required', a.attnotnull AND NOT a.atthasdef AND a.attidentity = '',
        'deterministic', COALESCE(c.collisdeterministic, true)) ORDER BY a.attnum), '[]')
    FROM pg_attribute a JOIN pg_type y ON y.oid = a.atttypid JOIN pg_namespace n ON n.oid = y.typnamespace
    LEFT JOIN pg_collation c ON c.oid = a.attcollation
    WHERE a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped),
  'indexes', (
    SELECT COALESCE(jsonb_agg(jsonb_build_object(
        'name', ic.relname, 'definition', pg_get_indexdef(i.indexrelid),
        'constraint', COALESCE((
          SELECT conname FROM pg_constraint
          WHERE conindid = i.indexrelid AND conrelid = i.indrelid AND contype IN ('p', 'u')), ''),
        'columns', (
          SELECT jsonb_agg(a.attname ORDER BY k.n)
          FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS k (attnum, n)
          LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum AND k.attnum > 0
          WHERE k.n <= i.indnkeyatts),
        'predicate', COALESCE(pg_get_expr(i.indpred, i.indrelid), ''),
        'is_unique', i.indisunique, 'is_valid', i.indisvalid, 'is_ready', i.indisready,
        'is_live', i.indislive, 'is_immediate', i.indimmediate,
        'deterministic', NOT EXISTS (
          SELECT FROM unnest(i.indcollation::oid[]) AS used (oid)
          JOIN pg_collation c ON c.oid = used.oid AND NOT c.collisdeterministic),
        -- absent before PostgreSQL 15
        'nulls_not_distinct', COALESCE((to_jsonb(i) ->> 'indnullsnotdistinct')::boolean, false)
      ) ORDER BY ic.relname), '[]')
    FROM pg_index i JOIN pg_class ic ON ic.oid = i.indexrelid
    WHERE i.indrelid = t.oid),
  'rewritten', EXISTS (
    SELECT FROM pg_trigger g
    WHERE NOT g.tgisinternal AND g.tgtype & 7 = 7 -- FOR EACH ROW, BEFORE, INSERT
      AND (g.tgrelid = t.oid OR g.tgrelid IN (SELECT relid FROM pg_partition_tree(t.oid))))
)::text
FROM to_regclass($1::text) AS r (name) JOIN pg_class t ON t.oid = r.name`

// inspect returns nil when there is no such table.
func inspect(ctx context.Context, q Querier, table string) (*catalog, error) {
	text, err := q.Text(ctx, inspectSQL, table)
	if err != nil {
		return nil, fmt.Errorf("inspect %s: %w", table, err)
	}
	if text == "" {
		return nil, nil
	}
	var c catalog
	if err := json.Unmarshal([]byte(text), &c); err != nil {
		return nil, fmt.Errorf("inspect %s: %w", table, err)
	}
	return &c, nil
}

func (c *catalog) column(name string) *column {
	i := slices.IndexFunc(c.Columns, func(col column) bool { return col.Name == name })
	if i < 0 {
		return nil
	}
	return &c.Columns[i]
}

// onKey reports whether the index covers exactly the key columns, in any order.
func (i index) onKey(c schema.Columns) bool {
	return len(i.Columns) == 2 &&
		slices.Contains(i.Columns, c.AssigneeID) && slices.Contains(i.Columns, c.SubjectID)
}

// withinKey reports whether the index covers nothing but key columns, so that
// as a unique one it is at least as strict as the guard.
func (i index) withinKey(c schema.Columns) bool {
	return len(i.Columns) > 0 && !slices.ContainsFunc(i.Columns, func(name string) bool {
		return name != c.AssigneeID && name != c.SubjectID
	})
}

// guardsID accepts the key columns beside the ID, which partitioned and
// distributed tables must have in every unique index.
func (i index) guardsID(c schema.Columns) bool {
	return i.Unique && i.usable() && i.Predicate == "" && slices.Contains(i.Columns, c.ID) &&
		!slices.ContainsFunc(i.Columns, func(name string) bool {
			return name != c.ID && name != c.AssigneeID && name != c.SubjectID
		})
}

func (i index) usable() bool {
	return i.Valid && i.Ready && i.Live && i.Immediate
}
