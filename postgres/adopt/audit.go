package adopt

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/sqltext"
	"github.com/assignment-go/assignment/postgres/schema"
)

// auditLock serialises the creation of audit tables: IF NOT EXISTS alone fails
// when two transactions create the same table. The number must never change.
const auditLock = 5_926_140_338_712_095_744

// createAudit creates the audit table unless it exists.
func (s *session) createAudit(ctx context.Context) error {
	err := s.exec(ctx, s.WaitTimeout,
		fmt.Sprintf("SELECT pg_advisory_xact_lock(%d)", int64(auditLock)),
		"SET LOCAL client_min_messages = warning",
		fmt.Sprintf(`CREATE TABLE IF NOT EXISTS %s (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run_id      text NOT NULL,
    table_name  text NOT NULL,
    row_id      text NOT NULL,
    assignee    text NOT NULL,
    subject     text NOT NULL,
    old_status  text,
    new_status  text NOT NULL,
    kept_id     text,
    policy      text NOT NULL,
    at          timestamptz NOT NULL DEFAULT now()
)`, s.audit()))
	if err != nil {
		return fmt.Errorf("create audit table %s: %w", s.audit(), err)
	}
	return nil
}

func (s *session) audit() schema.Table {
	return schema.Table{Schema: s.t.Table.Schema, Name: s.repair.AuditTable}
}

// changeSQL updates the rows and records each that was updated, at once: there
// is no change without its record. A row that did not get the status it should
// have is not recorded, so that the count tells.
func (s *session) changeSQL() string {
	return fmt.Sprintf(`WITH %s
INSERT INTO %s (run_id, table_name, row_id, assignee, subject, old_status, new_status, kept_id, policy)
SELECT $8::text, $9::text, id::text, assignee, subject, old_status, new_status, kept_id, policy FROM changed WHERE obeyed`,
		s.updateSQL("$10"), s.audit())
}

// rehearsalSQL only updates, and returns how many rows took their status.
func (s *session) rehearsalSQL() string {
	return fmt.Sprintf("WITH %s\nSELECT FROM changed WHERE obeyed", s.updateSQL("$8"))
}

func (s *session) updateSQL(terminal string) string {
	c := s.table.Columns
	var sets []string
	for _, set := range s.rows().sets(terminal) {
		sets = append(sets, sqltext.Quote(set.column)+" = "+set.expression)
	}
	return fmt.Sprintf(`change AS (
  SELECT id, assignee, subject, old_status, new_status, kept_id, policy
  FROM unnest($1::text[]::%[2]s[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[])
    AS c (id, assignee, subject, old_status, new_status, kept_id, policy)
), changed AS (
  UPDATE %[1]s AS t SET %[3]s FROM change
  WHERE t.%[4]s = change.id AND t.%[5]s::text = change.assignee AND t.%[6]s::text = change.subject
  RETURNING change.*, t.%[7]s::text IS NOT DISTINCT FROM change.new_status AS obeyed
)`,
		s.t.Table, s.t.column(c.ID).Cast, strings.Join(sets, ", "),
		sqltext.Quote(c.ID), sqltext.Quote(c.AssigneeID), sqltext.Quote(c.SubjectID), sqltext.Quote(c.Status))
}

// set is a column that a repair changes, and what it gets.
type set struct{ column, expression string }

// sets are the status and the columns that follow it. The parameter holds the
// terminal statuses; it is used only where CompletedAt is mapped.
func (r reader) sets(terminal string) []set {
	c := r.table.Columns
	sets := []set{{c.Status, "change.new_status::" + r.t.column(c.Status).Cast}}
	if c.CompletedAt != "" {
		sets = append(sets, set{c.CompletedAt, fmt.Sprintf("CASE WHEN change.new_status = ANY (%s::text[]) THEN %s END",
			terminal, r.now(c.CompletedAt))})
	}
	if c.UpdatedAt != "" {
		sets = append(sets, set{c.UpdatedAt, r.now(c.UpdatedAt)})
	}
	if c.Version != "" {
		sets = append(sets, set{c.Version, fmt.Sprintf("COALESCE(t.%s, 0) + 1", sqltext.Quote(c.Version))})
	}
	return sets
}

// now is the time of the change as the column takes it: UTC where it has no
// zone, which the session's TimeZone provides for.
func (r reader) now(name string) string {
	return "now()::" + r.t.column(name).Cast
}

func (s *session) change(ctx context.Context, tx pgx.Tx, run string, changes []Change) error {
	if len(changes) == 0 {
		return nil
	}
	sql, args := s.rehearsalSQL(), columnsOf(changes)
	if run != rehearsal {
		sql, args = s.changeSQL(), append(args, run, s.t.Table.String())
	}
	if s.table.Columns.CompletedAt != "" {
		args = append(args, s.lifecycle.Terminal())
	}
	tag, err := tx.Exec(ctx, sql, args...)
	if err != nil {
		return fmt.Errorf("change %d rows: %w", len(changes), err)
	}
	if tag.RowsAffected() != int64(len(changes)) {
		return s.disobeyed(len(changes)-int(tag.RowsAffected()), changes[0])
	}
	return nil
}

// disobeyed names what may have kept rows from taking their status.
func (s *session) disobeyed(rows int, example Change) error {
	suspects := "a trigger"
	if names := s.t.Catalog.Triggers.BeforeUpdateNames; len(names) > 0 {
		suspects = "trigger " + strings.Join(names, ", trigger ")
	}
	return invalid(s.t.Table.Name, fmt.Sprintf("does not take the change: %d locked rows did not get their new status "+
		"(one of them may be %s, to %q); %s suppresses or changes it, a rule of the table", rows, example.ID, example.NewStatus, suspects))
}

// columnsOf turns the changes into an array per column.
func columnsOf(changes []Change) []any {
	n := len(changes)
	ids, assignees, subjects := make([]string, n), make([]string, n), make([]string, n)
	olds, news := make([]*assignment.Status, n), make([]string, n)
	kept, reasons := make([]*assignment.ID, n), make([]string, n)
	for i, c := range changes {
		ids[i], assignees[i], subjects[i] = string(c.ID), c.Key.AssigneeID, c.Key.SubjectID
		olds[i], news[i], reasons[i] = c.OldStatus, string(c.NewStatus), c.Reason
		if c.KeptID != "" {
			kept[i] = &changes[i].KeptID
		}
	}
	return []any{ids, assignees, subjects, olds, news, kept, reasons}
}
