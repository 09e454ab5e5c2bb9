package assignment

import "time"

// Change is one guarded change of a row, as [Service] hands it to a store. It
// sets either To or AssigneeID, never both.
type Change struct {
	// To is the status to move to; empty leaves the status alone.
	To Status
	// AssigneeID is who gets the assignment; empty leaves the key alone.
	AssigneeID string
	// IfVersion refuses the change unless the row has this version; zero
	// accepts any.
	IfVersion int64
	// At is the time of the change, in UTC and microseconds.
	At time.Time
}

// Apply returns cur with the change made, or the reason why the lifecycle or
// the version forbids it. It is the rule book that every driver shares: apply
// it to the row while that row is locked, check the slot, then write.
//
// The order of the checks is part of the contract: a version that does not
// match is [ErrStale] whatever the status; then a change that the row already
// shows returns cur as it is (compare the Version to tell); then what the
// lifecycle forbids is a [*TransitionError].
func (c Change) Apply(cur Assignment, l Lifecycle) (Assignment, error) {
	if c.IfVersion != 0 && c.IfVersion != cur.Version {
		return Assignment{}, staleError(c.IfVersion, cur.Version)
	}
	next := cur
	if c.To != "" {
		next.Status = c.To
	}
	if c.AssigneeID != "" {
		next.Key.AssigneeID = c.AssigneeID
	}
	if next.Status == cur.Status && next.Key == cur.Key {
		return cur, nil
	}
	if !c.allowed(cur, next, l) {
		return Assignment{}, &TransitionError{ID: cur.ID, From: cur.Status, To: next.Status}
	}
	next.Version++
	next.UpdatedAt = c.At
	next.CompletedAt = time.Time{}
	if l.IsTerminal(next.Status) {
		next.CompletedAt = c.At
	}
	return next, nil
}

// allowed refuses to reassign a closed assignment: it holds no slot to move,
// and its history would be rewritten.
func (c Change) allowed(cur, next Assignment, l Lifecycle) bool {
	if next.Key != cur.Key && l.IsTerminal(cur.Status) {
		return false
	}
	return next.Status == cur.Status || l.Allows(cur.Status, next.Status)
}

// Condition restricts a change of status or key. See [IfVersion].
type Condition struct {
	version int64
}

// IfVersion makes a change conditional: it is refused with [ErrStale] unless
// the assignment still has this version. Versions start at 1.
func IfVersion(version int64) Condition {
	return Condition{version: version}
}

// versionOf merges the conditions of one call; zero means none was given.
func versionOf(conditions []Condition) (int64, error) {
	var version int64
	for _, c := range conditions {
		if c.version < 1 {
			return 0, invalid("IfVersion", "must be at least 1")
		}
		if version != 0 && version != c.version {
			return 0, invalid("IfVersion", "is given twice with different versions")
		}
		version = c.version
	}
	return version, nil
}
