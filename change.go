package assignment

import (
	"fmt"
	"time"
)

// Change is one change of a row: it sets either To or AssigneeID.
type Change struct {
	To         Status    // the status to move to; empty leaves the status alone
	AssigneeID string    // who gets the assignment; empty leaves the key alone
	IfVersion  int64     // the version that the row must have; zero accepts any
	At         time.Time // the time of the change, in UTC and microseconds
}

// Apply returns cur with the change made, or why it is forbidden. Drivers apply it
// to the row while that row is locked, check the slot, then write.
//
// The order of the checks is part of the contract: a version that does not
// match is [ErrStale] whatever the status; then a change that the row already
// shows returns cur as it is (compare the Version to tell); then what the
// lifecycle forbids is a [*TransitionError].
func (c Change) Apply(cur Assignment, l Lifecycle) (Assignment, error) {
	if c.IfVersion != 0 && c.IfVersion != cur.Version {
		return Assignment{}, fmt.Errorf("%w: version is %d, not %d", ErrStale, cur.Version, c.IfVersion)
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
	if !allowed(cur, next, l) {
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

// allowed rejects reassigning a completed assignment: it holds no slot that
// could move, and its history would be rewritten.
func allowed(cur, next Assignment, l Lifecycle) bool {
	if next.Key != cur.Key && l.IsTerminal(cur.Status) {
		return false
	}
	return next.Status == cur.Status || l.Allows(cur.Status, next.Status)
}

// Condition restricts a change of status or key. See [IfVersion].
type Condition struct {
	version int64
}

// IfVersion rejects a change with [ErrStale] unless the row has this version.
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
