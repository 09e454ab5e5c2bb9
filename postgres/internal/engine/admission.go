package engine

import (
	"context"
	"fmt"

	"github.com/assignment-go/assignment"
)

// admit prepares the input of an insert: times cut to what the columns keep,
// which is also what a repeated request must be compared with. What the table
// can't keep is refused.
func (p *plan) admit(in *input, a *assignment.Assignment) (err error) {
	if err := p.checkRow(a); err != nil {
		return err
	}
	if in.metadata, err = encodeMetadata(a.Metadata); err != nil {
		return err
	}
	in.row = *a
	in.row.DueAt, in.row.CompletedAt = p.due.cut(a.DueAt), p.completed.cut(a.CompletedAt)
	in.row.CreatedAt, in.row.UpdatedAt = p.created.cut(a.CreatedAt), p.updated.cut(a.UpdatedAt)
	in.extra, err = p.extraValues(&in.row)
	return err
}

// asKept is a new row as the table gives it back.
func (p *plan) asKept(a assignment.Assignment) assignment.Assignment {
	if !p.version.mapped() {
		a.Version = 0
	}
	if !p.request.mapped() {
		a.Request = ""
	}
	return a.Clone()
}

// trustsInserts reports whether an insert that was not refused has stored the
// row as it was given, under the ID that it was given.
func (p *plan) trustsInserts() bool {
	return !p.databaseIDs && !p.sharedIDs && !p.triggers.BeforeInsert && !p.triggers.AfterInsert
}

// inBulk reports whether one statement can create many rows: not when their
// IDs are not known before, need locks, or come with values of the host whose
// types only its driver knows.
func (p *plan) inBulk() bool {
	return !p.databaseIDs && !p.sharedIDs && len(p.extra) == 0
}

// checkRow refuses what the columns can't hold, before anything is sent.
func (p *plan) checkRow(a *assignment.Assignment) error {
	if err := p.checkID(a.ID); err != nil {
		return err
	}
	if err := p.assignee.check(a.Key.AssigneeID); err != nil {
		return err
	}
	if err := p.subject.check(a.Key.SubjectID); err != nil {
		return err
	}
	if err := p.assignedBy.checkOptional(a.AssignedBy); err != nil {
		return err
	}
	if err := p.account.checkOptional(a.AccountID); err != nil {
		return err
	}
	if p.request.mapped() && a.Request != "" {
		if err := p.request.check(a.Request); err != nil {
			return err
		}
	}
	return p.checkKept(a)
}

func (p *plan) checkID(id assignment.ID) error {
	switch {
	case !p.databaseIDs:
		return p.id.check(string(id))
	case id != "":
		return unsupported("ID", "the database makes the IDs")
	default:
		return nil
	}
}

// checkKept refuses attributes that are not texts when no column is for them.
func (p *plan) checkKept(a *assignment.Assignment) error {
	switch {
	case !a.DueAt.IsZero() && !p.due.mapped():
		return p.due.notKept()
	case len(a.Metadata) > 0 && !p.metadata.mapped():
		return p.metadata.notKept()
	default:
		return nil
	}
}

// check refuses a value that the column can't hold.
func (f *field) check(value string) error {
	if reason := f.rejects(value); reason != "" {
		return &assignment.InvalidError{Field: f.name, Reason: reason}
	}
	return nil
}

func (f *field) checkOptional(value string) error {
	switch {
	case value == "":
		return nil
	case !f.mapped():
		return f.notKept()
	default:
		return f.check(value)
	}
}

// notKept refuses to drop a value, or to ignore a condition on it, silently.
func (f *field) notKept() error {
	return unsupported(f.name, "no column of the table keeps it")
}

func unsupported(ability, reason string) error {
	return &assignment.UnsupportedError{Ability: ability, Reason: reason}
}

// extraValues asks the host what its own columns get.
func (p *plan) extraValues(a *assignment.Assignment) ([]any, error) {
	if len(p.table.Extra) == 0 {
		return nil, nil
	}
	values := make([]any, len(p.table.Extra))
	for i, extra := range p.table.Extra {
		value, err := extra.Value(a.Clone())
		if err != nil {
			refusal := &assignment.InvalidError{Field: extra.Column, Reason: "has no value"}
			return nil, fmt.Errorf("%w: %w", refusal, err)
		}
		values[i] = value
	}
	return values, nil
}

// checkChange refuses a change that the columns can't hold. An ID that no row
// can have is not found.
func (p *plan) checkChange(ctx context.Context, id assignment.ID, c assignment.Change) error {
	if c.IfVersion != 0 && !p.version.mapped() {
		return unsupported("IfVersion", "no column of the table keeps the version")
	}
	if p.id.rejects(string(id)) != "" {
		return absent(ctx)
	}
	if c.AssigneeID == "" {
		return nil
	}
	return p.assignee.check(c.AssigneeID)
}

// absent answers for a row that can't exist without asking the server.
func absent(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return assignment.ErrNotFound
}
