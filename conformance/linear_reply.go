package conformance

import (
	"errors"
	"slices"

	"github.com/assignment-go/assignment"
)

// replyKind is the kind of a reply.
type replyKind string

const (
	replyCreated   replyKind = "created"
	replyReplayed  replyKind = "replayed"
	replyRow       replyKind = "success"
	replyRows      replyKind = "rows"
	replyCount     replyKind = "count"
	replyConflict  replyKind = "conflict"
	replyReused    replyKind = "ErrIDReused"
	replyNotFound  replyKind = "ErrNotFound"
	replyStale     replyKind = "ErrStale"
	replyForbidden replyKind = "ErrTransition"
	// replyNotWritten is an error that says that nothing was written.
	replyNotWritten replyKind = "nothing was written"
	// replyUnknown means that something may have been written, or may still be.
	replyUnknown replyKind = "outcome unknown"
)

// reply is what a call returned.
type reply struct {
	kind replyKind
	// row is the returned row, the holder in a conflict, or the ID and the status of a
	// forbidden move.
	row row
	// retired is the row that a Replace retired; without an ID there is none.
	retired row
	rows    []row
	count   int64
	// to is the target status of a forbidden move.
	to assignment.Status
	// err is the text of the driver's error, for messages.
	err string
}

func (a reply) equal(b reply) bool {
	return a.kind == b.kind && a.row == b.row && a.retired == b.retired && a.count == b.count && a.to == b.to &&
		slices.Equal(a.rows, b.rows)
}

// replyOf converts an error of the store to a reply.
func replyOf(err error) reply {
	conflict, isConflict := errors.AsType[*assignment.ActiveExistsError](err)
	forbidden, isForbidden := errors.AsType[*assignment.TransitionError](err)
	switch {
	case errors.Is(err, assignment.ErrUnknownOutcome):
		return reply{kind: replyUnknown, err: err.Error()}
	case isConflict:
		return reply{kind: replyConflict, row: rowOf(conflict.Existing)}
	case isForbidden:
		return reply{kind: replyForbidden, row: row{id: forbidden.ID, status: forbidden.From}, to: forbidden.To}
	case errors.Is(err, assignment.ErrIDReused):
		return reply{kind: replyReused}
	case errors.Is(err, assignment.ErrNotFound):
		return reply{kind: replyNotFound}
	case errors.Is(err, assignment.ErrStale):
		return reply{kind: replyStale}
	default:
		return reply{kind: replyNotWritten, err: err.Error()}
	}
}
