package adopt

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/schema"
)

// querier is what a connection and a transaction have in common.
type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
	Begin(ctx context.Context) (pgx.Tx, error)
}

// table is what PostgreSQL knows about the table that was named.
type table struct {
	OID     uint32   `json:"oid"`
	Schema  string   `json:"schema"`
	Name    string   `json:"name"`
	Kind    string   `json:"kind"` // r: plain, p: partitioned
	Owner   bool     `json:"owner"`
	Columns []column `json:"columns"`
}

type column struct {
	Name          string `json:"name"`
	Type          string `json:"type"`
	Enum          bool   `json:"enum"`
	NotNull       bool   `json:"not_null"`
	Deterministic bool   `json:"deterministic"`
	Default       string `json:"default"`
}

// preset is the status that the default of the column is a literal of; empty
// when it is none.
func (c column) preset() assignment.Status {
	literal, _, _ := strings.Cut(c.Default, "::")
	if len(literal) < 2 || literal[0] != '\'' || literal[len(literal)-1] != '\'' {
		return ""
	}
	return assignment.Status(strings.ReplaceAll(literal[1:len(literal)-1], "''", "'"))
}

const tableSQL = `SELECT jsonb_build_object(
  'oid', t.oid::bigint, 'schema', n.nspname, 'name', t.relname, 'kind', t.relkind,
  'owner', pg_has_role(t.relowner, 'USAGE'),
  'columns', (
    SELECT COALESCE(jsonb_agg(jsonb_build_object(
        'name', a.attname, 'type', format_type(a.atttypid, NULL), 'enum', y.typtype = 'e',
        'not_null', a.attnotnull, 'deterministic', COALESCE(l.collisdeterministic, true),
        'default', COALESCE((SELECT pg_get_expr(d.adbin, d.adrelid) FROM pg_attrdef d
          WHERE d.adrelid = a.attrelid AND d.adnum = a.attnum), ''))), '[]')
    FROM pg_attribute a
    JOIN pg_type y ON y.oid = a.atttypid
    LEFT JOIN pg_collation l ON l.oid = a.attcollation
    WHERE a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped))::text
FROM to_regclass($1::text) AS r (name)
JOIN pg_class t ON t.oid = r.name
JOIN pg_namespace n ON n.oid = t.relnamespace`

// lookup finds the table, and refuses one that can't be worked on at all.
func lookup(ctx context.Context, q querier, s *settings) (*table, error) {
	var text string
	if err := q.QueryRow(ctx, tableSQL, s.table.String()).Scan(&text); err != nil {
		if err == pgx.ErrNoRows { //nolint:errorlint // Scan returns it bare
			return nil, s.unguarded(assignment.GuardFinding{
				Problem: assignment.GuardNoTable,
				Detail:  fmt.Sprintf("table %s does not exist, or its schema is not in the search_path", s.table),
			})
		}
		return nil, fmt.Errorf("look up %s: %w", s.table, err)
	}
	var t table
	if err := json.Unmarshal([]byte(text), &t); err != nil {
		return nil, fmt.Errorf("look up %s: %w", s.table, err)
	}
	if findings := t.unworkable(s); len(findings) > 0 {
		return nil, s.unguarded(findings...)
	}
	return &t, nil
}

func (s *settings) unguarded(findings ...assignment.GuardFinding) error {
	return &assignment.GuardError{Table: s.table.String(), Findings: findings}
}

// unworkable returns what no repair can start with: another kind of relation,
// columns that are missing, and types whose values can't be told apart.
func (t *table) unworkable(s *settings) []assignment.GuardFinding {
	if t.Kind != "r" && t.Kind != "p" {
		return []assignment.GuardFinding{{Problem: assignment.GuardNoTable, Detail: fmt.Sprintf("%s is not a table", s.table)}}
	}
	var findings []assignment.GuardFinding
	for _, name := range s.table.Columns.Names() {
		if t.column(name) == nil {
			findings = append(findings, assignment.GuardFinding{
				Problem: assignment.GuardNoColumn, Detail: fmt.Sprintf("column %s does not exist", schema.Quote(name)),
			})
		}
	}
	for _, name := range s.guarded() {
		c := t.column(name)
		if c != nil && !c.comparable(name == s.table.Columns.Status) {
			findings = append(findings, assignment.GuardFinding{
				Problem: assignment.GuardColumnType,
				Detail:  fmt.Sprintf("column %s is of type %s or has a collation that is not supported", schema.Quote(name), c.Type),
			})
		}
	}
	return findings
}

// guarded are the columns that must not be NULL.
func (s *settings) guarded() []string {
	c := s.table.Columns
	return []string{c.ID, c.AssigneeID, c.SubjectID, c.Status}
}

func (t *table) column(name string) *column {
	i := slices.IndexFunc(t.Columns, func(c column) bool { return c.Name == name })
	if i < 0 {
		return nil
	}
	return &t.Columns[i]
}

// nullable returns the guarded columns that accept NULL.
func (t *table) nullable(s *settings) []string {
	return slices.DeleteFunc(s.guarded(), func(name string) bool { return t.column(name).NotNull })
}

// named is the table under its full name, whatever the search_path says.
func (t *table) named(s *settings) schema.Table {
	full := s.table
	full.Schema, full.Name = t.Schema, t.Name
	return full
}

// comparable reports whether distinct values of the column stay distinct as
// text. Only the status may be an enum.
func (c column) comparable(status bool) bool {
	return c.Deterministic && (c.hasKeyType() || c.Enum && status)
}

func (c column) hasKeyType() bool {
	switch c.Type {
	case "text", "character varying", "uuid":
		return true
	default:
		return c.integer()
	}
}

func (c column) integer() bool {
	return c.Type == "smallint" || c.Type == "integer" || c.Type == "bigint"
}
