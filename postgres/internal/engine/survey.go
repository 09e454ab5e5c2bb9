package engine

import (
	"fmt"
	"slices"
	"strings"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/schema"
)

// survey compares the mapping with the columns that are there, and takes their
// types over into the layout.
type survey struct {
	engine  *Engine
	catalog *catalog
	layout  layout

	findings []assignment.GuardFinding
	// guardable is whether the expected index could be built at all.
	guardable bool
}

func (s *survey) run() {
	s.guardable = true
	for _, f := range s.layout.attributes() {
		if f.mapped() {
			*f = s.attribute(*f)
		}
	}
	for i := range s.layout.extra {
		s.extra(&s.layout.extra[i])
	}
	s.required()
	s.statuses()
	s.ids()
	s.completion()
	s.layout.rewritten = s.catalog.Rewritten
	id := s.engine.table.Columns.ID
	s.layout.sharedIDs = !slices.ContainsFunc(s.catalog.Indexes, func(i index) bool {
		return i.guardsID(s.engine.table.Columns) && slices.Equal(i.Columns, []string{id})
	})
}

func (s *survey) findf(p assignment.GuardProblem, fix []string, format string, args ...any) {
	s.findings = append(s.findings, assignment.GuardFinding{Problem: p, Detail: fmt.Sprintf(format, args...), Fix: fix})
}

// alter renders the statement that changes the column.
func (s *survey) alter(column, action string) []string {
	return []string{fmt.Sprintf("ALTER TABLE %s ALTER COLUMN %s %s;", s.engine.table, schema.Quote(column), action)}
}

// attribute checks the column of one attribute and returns what it is.
func (s *survey) attribute(f field) field {
	col := s.catalog.column(f.column)
	if col == nil {
		s.guardable = s.guardable && !f.essential
		s.findf(assignment.GuardNoColumn, nil, "column %s does not exist", f.quoted())
		return f
	}
	if f.essential && !col.NotNull {
		s.findf(assignment.GuardNullable, s.alter(f.column, "SET NOT NULL"),
			"column %s accepts NULL, and a row with NULL evades the index", f.quoted())
	}
	found, supported := f.in(*col)
	switch {
	case !supported:
		s.guardable = s.guardable && !f.essential
		s.findf(assignment.GuardColumnType, nil, "column %s is of type %s, which is not supported for %s: %s",
			f.quoted(), col.Type, f.name, allowed(f.forms))
	case f.essential && !col.Deterministic:
		s.guardable = false
		s.findf(assignment.GuardColumnType, s.alter(f.column, fmt.Sprintf(`TYPE %s COLLATE "C"`, col.Type)),
			"column %s has a collation under which distinct values are equal", f.quoted())
	case col.Generated:
		s.findf(assignment.GuardColumnType, s.alter(f.column, "DROP EXPRESSION"),
			"column %s is computed by the database, so that it can't be written", f.quoted())
	}
	return found
}

func allowed(forms []form) string {
	names := make([]string, len(forms))
	for i, f := range forms {
		names[i] = f.String()
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1] + " are"
}

func (s *survey) extra(f *field) {
	col := s.catalog.column(f.column)
	if col == nil {
		s.findf(assignment.GuardNoColumn, nil, "column %s, which Table.Extra fills, does not exist", f.quoted())
		return
	}
	f.cast = col.Cast
}

// required looks for columns that nobody fills.
func (s *survey) required() {
	filled := s.layout.inserted()
	for _, col := range s.catalog.Columns {
		if !col.Required || slices.ContainsFunc(filled, func(f field) bool { return f.column == col.Name }) {
			continue
		}
		if col.Name == s.layout.id.column {
			continue // ids tells more about it
		}
		s.findf(assignment.GuardColumnRequired, s.alter(col.Name, "SET DEFAULT …"),
			"column %s must be given on insert: fill it with Table.Extra, or give it a default", schema.Quote(col.Name))
	}
}

// statuses makes sure that an enum has every status of the lifecycle.
func (s *survey) statuses() {
	f := s.layout.status
	if f.form == formVarchar {
		s.longStatuses()
	}
	if f.form != formEnum {
		return
	}
	var missing, fix []string
	for _, status := range s.engine.lifecycle.Statuses() {
		if !slices.Contains(f.labels, string(status)) {
			missing = append(missing, string(status))
			fix = append(fix, fmt.Sprintf("ALTER TYPE %s ADD VALUE %s;", f.cast, schema.Literal(string(status))))
		}
	}
	if len(missing) > 0 {
		s.guardable = false
		s.findf(assignment.GuardColumnType, fix, "column %s is an enum that lacks the statuses %q of the lifecycle", f.quoted(), missing)
	}
}

func (s *survey) longStatuses() {
	f := s.layout.status
	for _, status := range s.engine.lifecycle.Statuses() {
		if f.rejects(string(status)) != "" {
			s.findf(assignment.GuardColumnType, s.alter(f.column, "TYPE text"),
				"column %s can't hold the status %q: it keeps %d characters", f.quoted(), status, f.limit)
		}
	}
}

// ids compares who makes the IDs with what the column does by itself.
func (s *survey) ids() {
	f, col := s.layout.id, s.catalog.column(s.layout.id.column)
	if col == nil {
		return
	}
	sequence := col.Identity || f.isInteger() && strings.HasPrefix(col.Default, "nextval(")
	switch {
	case s.layout.databaseIDs && !col.Identity && col.Default == "":
		s.findf(assignment.GuardIDOrigin, s.alter(f.column, "SET DEFAULT …"),
			"Table.DatabaseIDs is set, but column %s has neither a default nor an identity that would make an ID", f.quoted())
	case !s.layout.databaseIDs && sequence:
		s.findf(assignment.GuardIDOrigin, nil,
			"column %s gets its values from a sequence, which IDs of clients would collide with: set Table.DatabaseIDs", f.quoted())
	}
}

// completion makes sure that an assignment can be without CompletedAt.
func (s *survey) completion() {
	f := s.layout.completed
	if col := s.catalog.column(f.column); f.mapped() && col != nil && col.NotNull {
		s.findf(assignment.GuardColumnRequired, s.alter(f.column, "DROP NOT NULL"),
			"column %s accepts no NULL, but an active assignment has no CompletedAt", f.quoted())
	}
}
