package adopt

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/assignment-go/assignment"
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
	return schema.Table{Schema: s.t.Schema, Name: s.repair.AuditTable}
}

// changeSQL updates the rows and records each that was updated, at once: there
// is no change without its record.
func (s *session) changeSQL() string {
	c := s.table.Columns
	return fmt.Sprintf(`WITH change AS (
  SELECT id, assignee, subject, old_status, new_status, kept_id, policy
  FROM unnest($1::text[]::%[2]s[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[])
    AS c (id, assignee, subject, old_status, new_status, kept_id, policy)
), changed AS (
  UPDATE %[1]s AS t SET %[3]s FROM change
  WHERE t.%[4]s = change.id AND t.%[5]s::text = change.assignee AND t.%[6]s::text = change.subject
  RETURNING change.*
)
INSERT INTO %[7]s (run_id, table_name, row_id, assignee, subject, old_status, new_status, kept_id, policy)
SELECT $8::text, $9::text, id::text, assignee, subject, old_status, new_status, kept_id, policy FROM changed`,
		s.t.named(s.settings), s.t.column(c.ID).Type, strings.Join(s.assignments(), ", "),
		schema.Quote(c.ID), schema.Quote(c.AssigneeID), schema.Quote(c.SubjectID), s.audit())
}

// assignments are the columns that follow the status.
func (s *session) assignments() []string {
	c := s.table.Columns
	set := []string{fmt.Sprintf("%s = change.new_status::%s", schema.Quote(c.Status), s.t.column(c.Status).Type)}
	if c.CompletedAt != "" {
		set = append(set, fmt.Sprintf("%s = CASE WHEN change.new_status = ANY ($10::text[]) THEN %s END",
			schema.Quote(c.CompletedAt), s.now(c.CompletedAt)))
	}
	if c.UpdatedAt != "" {
		set = append(set, schema.Quote(c.UpdatedAt)+" = "+s.now(c.UpdatedAt))
	}
	if c.Version != "" {
		set = append(set, fmt.Sprintf("%[1]s = COALESCE(t.%[1]s, 0) + 1", schema.Quote(c.Version)))
	}
	return set
}

// now is the time of the change as the column takes it: UTC where it has no
// zone, which the session's TimeZone provides for.
func (s *session) now(name string) string {
	return "now()::" + s.t.column(name).Type
}

func (s *session) change(ctx context.Context, tx pgx.Tx, run string, changes []Change) error {
	if len(changes) == 0 {
		return nil
	}
	args := columnsOf(changes)
	args = append(args, run, s.t.named(s.settings).String())
	if s.table.Columns.CompletedAt != "" {
		args = append(args, s.lifecycle.Terminal)
	}
	tag, err := tx.Exec(ctx, s.changeSQL(), args...)
	if err != nil {
		return fmt.Errorf("change %d rows: %w", len(changes), err)
	}
	if tag.RowsAffected() != int64(len(changes)) {
		return fmt.Errorf("%w: %d of %d locked rows could be changed; does a trigger or a policy suppress it?",
			assignment.ErrUnavailable, tag.RowsAffected(), len(changes))
	}
	return nil
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
