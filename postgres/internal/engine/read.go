package engine

import (
	"context"
	"strconv"
	"strings"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/schema"
)

// Get implements assignment.Store.
func (e *Engine) Get(ctx context.Context, id assignment.ID) (assignment.Assignment, error) {
	return e.one(ctx, e.sql.get, string(id))
}

// FindActive implements assignment.Store.
func (e *Engine) FindActive(ctx context.Context, k assignment.Key) (assignment.Assignment, error) {
	return e.one(ctx, e.sql.findActive, k.AssigneeID, k.SubjectID)
}

func (e *Engine) one(ctx context.Context, sql string, args ...any) (assignment.Assignment, error) {
	rows, err := e.read(ctx, sql, args...)
	if err != nil {
		return assignment.Assignment{}, err
	}
	if len(rows) == 0 {
		return assignment.Assignment{}, assignment.ErrNotFound
	}
	return rows[0].assignment()
}

// List implements assignment.Store.
func (e *Engine) List(ctx context.Context, q assignment.Query) ([]assignment.Assignment, error) {
	w := e.where(q)
	if !q.After.IsZero() {
		w.add(`("created_at", "id" COLLATE "C") > (%s::timestamptz, %s::text)`, q.After.CreatedAt, string(q.After.ID))
	}
	sql := e.sql.selectFrom + w.String() + `
ORDER BY "created_at", "id" COLLATE "C"
LIMIT ` + w.bind(q.Limit) + "::bigint"
	rows, err := e.read(ctx, sql, w.args...)
	if err != nil {
		return nil, err
	}
	page := make([]assignment.Assignment, len(rows))
	for i := range rows {
		if page[i], err = rows[i].assignment(); err != nil {
			return nil, err
		}
	}
	return page, nil
}

// Count implements assignment.Store.
func (e *Engine) Count(ctx context.Context, q assignment.Query) (int64, error) {
	w := e.where(q)
	var text string
	err := e.reading(ctx, func() (err error) {
		text, err = e.db.Text(ctx, e.sql.countFrom+w.String(), w.args...)
		return err
	})
	if err != nil {
		return 0, err
	}
	return strconv.ParseInt(text, 10, 64)
}

func (e *Engine) where(q assignment.Query) *where {
	w := &where{}
	if q.AssigneeID != "" {
		w.add(`"assignee_id" = %s::text`, q.AssigneeID)
	}
	if q.SubjectID != "" {
		w.add(`"subject_id" = %s::text`, q.SubjectID)
	}
	if q.AccountID != "" {
		w.add(`"account_id" = %s::text`, q.AccountID)
	}
	if len(q.Statuses) > 0 {
		w.add(`"status" IN (` + schema.StatusList(q.Statuses) + `)`)
	}
	if q.ActiveOnly {
		w.add(e.sql.activeOnly)
	}
	if !q.DueBefore.IsZero() {
		w.add(`"due_at" < %s::timestamptz`, q.DueBefore)
	}
	return w
}

// where collects conditions with their bind parameters.
type where struct {
	conditions []string
	args       []any
}

// add appends a condition; each %s becomes the placeholder of one argument.
func (w *where) add(condition string, args ...any) {
	for _, arg := range args {
		condition = strings.Replace(condition, "%s", w.bind(arg), 1)
	}
	w.conditions = append(w.conditions, condition)
}

// bind adds a parameter and returns its placeholder.
func (w *where) bind(arg any) string {
	w.args = append(w.args, arg)
	return "$" + strconv.Itoa(len(w.args))
}

func (w *where) String() string {
	if len(w.conditions) == 0 {
		return ""
	}
	return "\nWHERE " + strings.Join(w.conditions, " AND ")
}
