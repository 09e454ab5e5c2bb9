package sqlgen

import "github.com/assignment-go/assignment"

// CanHoldID reports whether a row can have the ID.
func (l *Layout) CanHoldID(id assignment.ID) bool { return l.id.rejects(string(id)) == "" }

// CanHoldKey reports whether a row can have the key.
func (l *Layout) CanHoldKey(k assignment.Key) bool {
	return l.assignee.rejects(k.AssigneeID) == "" && l.subject.rejects(k.SubjectID) == ""
}

// CheckChange rejects a change that the columns can't hold. For an ID that no row
// can have it returns [assignment.ErrNotFound].
func (l *Layout) CheckChange(id assignment.ID, c assignment.Change) error {
	if c.IfVersion != 0 && !l.version.mapped() {
		return unsupported("IfVersion", "no column of the table stores the version")
	}
	if !l.CanHoldID(id) {
		return assignment.ErrNotFound
	}
	if c.AssigneeID == "" {
		return nil
	}
	return l.assignee.check(c.AssigneeID)
}

// checkRow rejects what the columns can't hold, before anything is sent.
func (l *Layout) checkRow(a *assignment.Assignment) error {
	if err := l.checkID(a.ID); err != nil {
		return err
	}
	if err := l.assignee.check(a.Key.AssigneeID); err != nil {
		return err
	}
	if err := l.subject.check(a.Key.SubjectID); err != nil {
		return err
	}
	if err := l.assignedBy.checkOptional(a.AssignedBy); err != nil {
		return err
	}
	if err := l.account.checkOptional(a.AccountID); err != nil {
		return err
	}
	if l.request.mapped() && a.Request != "" {
		if err := l.request.check(a.Request); err != nil {
			return err
		}
	}
	return l.checkStored(a)
}

func (l *Layout) checkID(id assignment.ID) error {
	switch {
	case !l.DatabaseIDs:
		return l.id.check(string(id))
	case id != "":
		return unsupported("ID", "the database makes the IDs")
	default:
		return nil
	}
}

// checkStored rejects attributes that are not texts when they have no column.
func (l *Layout) checkStored(a *assignment.Assignment) error {
	switch {
	case !a.DueAt.IsZero() && !l.due.mapped():
		return l.due.notStored()
	case len(a.Metadata) > 0 && !l.metadata.mapped():
		return l.metadata.notStored()
	default:
		return nil
	}
}

// check rejects a value that the column can't hold.
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
		return f.notStored()
	default:
		return f.check(value)
	}
}

// notStored rejects a value that would be dropped, or a condition that would be
// ignored.
func (f *field) notStored() error {
	return unsupported(f.name, "no column of the table stores it")
}

func unsupported(ability, reason string) error {
	return &assignment.UnsupportedError{Ability: ability, Reason: reason}
}
