package adopt

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/internal/plural"
	"github.com/assignment-go/assignment/postgres/internal/sqltext"
	"github.com/assignment-go/assignment/postgres/schema"
)

// Change is what [Repair] does to one row.
type Change struct {
	// ID is the row.
	ID assignment.ID `json:"id"`
	// Key is its slot.
	Key assignment.Key `json:"key"`
	// OldStatus is the stored status; nil is NULL.
	OldStatus *assignment.Status `json:"old_status"`
	// NewStatus is the status that it gets.
	NewStatus assignment.Status `json:"new_status"`
	// KeptID is the assignment that keeps the slot; empty when the status was
	// only rewritten.
	KeptID assignment.ID `json:"kept_id,omitempty"`
	// Reason is the policy that decided, or "rewrite".
	Reason string `json:"reason"`
}

// reasonRewrite is the Reason of a change that resolves no duplicate.
const reasonRewrite = "rewrite"

// changeSQL updates the rows and records each update in the same statement, so
// there is no change without its record. A row that did not get its new status is
// not recorded, so the number of records shows it.
func (r reader) changeSQL(audit schema.Table) string {
	return fmt.Sprintf(`WITH %s
INSERT INTO %s (run_id, table_name, row_id, assignee, subject, old_status, new_status, kept_id, policy)
SELECT $8::text, $9::text, id::text, assignee, subject, old_status, new_status, kept_id, policy FROM changed WHERE stored`,
		r.updateSQL("$10"), audit)
}

// rehearsalSQL only updates, and returns the rows that got their new status.
func (r reader) rehearsalSQL() string {
	return fmt.Sprintf("WITH %s\nSELECT FROM changed WHERE stored", r.updateSQL("$8"))
}

func (r reader) updateSQL(terminal string) string {
	c := r.table.Columns
	var sets []string
	for _, set := range r.sets(terminal) {
		sets = append(sets, sqltext.Quote(set.column)+" = "+set.expression)
	}
	return fmt.Sprintf(`change AS (
  SELECT id, assignee, subject, old_status, new_status, kept_id, policy
  FROM unnest($1::text[]::%[2]s[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[])
    AS c (id, assignee, subject, old_status, new_status, kept_id, policy)
), changed AS (
  UPDATE %[1]s AS t SET %[3]s FROM change
  WHERE t.%[4]s = change.id AND t.%[5]s::text = change.assignee AND t.%[6]s::text = change.subject
  RETURNING change.*, t.%[7]s::text IS NOT DISTINCT FROM change.new_status AS stored
)`,
		r.t.Table, r.t.column(c.ID).Cast, strings.Join(sets, ", "),
		sqltext.Quote(c.ID), sqltext.Quote(c.AssigneeID), sqltext.Quote(c.SubjectID), sqltext.Quote(c.Status))
}

// set is a column that a repair changes, and its new value.
type set struct{ column, expression string }

// sets are the status and the columns that follow it. The parameter contains the
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

// now is the time of the change in the type of the column. For a type without time
// zone it is UTC, because the session's TimeZone is.
func (r reader) now(name string) string {
	return "now()::" + r.t.column(name).Cast
}

func (s *session) change(ctx context.Context, tx pgx.Tx, run string, changes []Change) error {
	if len(changes) == 0 {
		return nil
	}
	sql, args := s.rows().rehearsalSQL(), arraysOf(changes)
	if run != rehearsal {
		sql, args = s.rows().changeSQL(s.audit()), append(args, run, s.t.Table.String())
	}
	if s.table.Columns.CompletedAt != "" {
		args = append(args, s.lifecycle.Terminal())
	}
	tag, err := tx.Exec(ctx, sql, args...)
	if err != nil {
		return fmt.Errorf("change %s: %w", plural.Of(len(changes), "row", "rows"), err)
	}
	if tag.RowsAffected() != int64(len(changes)) {
		return s.notStored(len(changes)-int(tag.RowsAffected()), changes[0])
	}
	return nil
}

// notStored names what may have kept locked rows from getting their new status.
func (s *session) notStored(rows int, first Change) error {
	suspects := "a trigger"
	if names := s.t.Catalog.Triggers.BeforeUpdateNames; len(names) > 0 {
		suspects = "trigger " + strings.Join(names, " or trigger ")
	}
	return invalid(s.t.Table.Name, fmt.Sprintf("did not store the new status of %s in a batch that begins with %s, which was "+
		"to become %q: %s suppresses or changes the update", plural.Of(rows, "row", "rows"), first.ID, first.NewStatus, suspects))
}

// arraysOf turns the changes into one array for each column.
func arraysOf(changes []Change) []any {
	n := len(changes)
	ids, assignees, subjects := make([]string, n), make([]string, n), make([]string, n)
	olds, news := make([]*assignment.Status, n), make([]string, n)
	keptIDs, reasons := make([]*assignment.ID, n), make([]string, n)
	for i, c := range changes {
		ids[i], assignees[i], subjects[i] = string(c.ID), c.Key.AssigneeID, c.Key.SubjectID
		olds[i], news[i], reasons[i] = c.OldStatus, string(c.NewStatus), c.Reason
		if c.KeptID != "" {
			keptIDs[i] = &changes[i].KeptID
		}
	}
	return []any{ids, assignees, subjects, olds, news, keptIDs, reasons}
}
