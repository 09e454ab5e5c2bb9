package conformance

import (
	"errors"
	"slices"

	"github.com/assignment-go/assignment"
)

// answerKind is what sort of answer a call got.
type answerKind string

const (
	answerCreated   answerKind = "created"
	answerReplayed  answerKind = "replayed"
	answerRow       answerKind = "success"
	answerRows      answerKind = "rows"
	answerCount     answerKind = "count"
	answerConflict  answerKind = "conflict"
	answerReused    answerKind = "ErrIDReused"
	answerMissing   answerKind = "ErrNotFound"
	answerStale     answerKind = "ErrStale"
	answerForbidden answerKind = "ErrTransition"
	// answerNothing is an error that says that nothing was written.
	answerNothing answerKind = "nothing was written"
	// answerUnknown leaves open whether something was or will be written.
	answerUnknown answerKind = "outcome unknown"
)

// answer is what a call returned.
type answer struct {
	kind answerKind
	// row is the row that was returned, the holder of a conflict, or of a
	// refused move its ID and Status.
	row row
	// retired is whom a Replace retired; without an ID for nobody.
	retired row
	rows    []row
	count   int64
	// to is where a refused move would have gone.
	to assignment.Status
	// err is what the driver said, for the reader.
	err string
}

func (a answer) equal(b answer) bool {
	return a.kind == b.kind && a.row == b.row && a.retired == b.retired && a.count == b.count && a.to == b.to &&
		slices.Equal(a.rows, b.rows)
}

// refusal turns an error of the store into the answer.
func refusal(err error) answer {
	conflict, isConflict := errors.AsType[*assignment.ActiveExistsError](err)
	forbidden, isForbidden := errors.AsType[*assignment.TransitionError](err)
	switch {
	case errors.Is(err, assignment.ErrUnknownOutcome):
		return answer{kind: answerUnknown, err: err.Error()}
	case isConflict:
		return answer{kind: answerConflict, row: rowOf(conflict.Existing)}
	case isForbidden:
		return answer{kind: answerForbidden, row: row{id: forbidden.ID, status: forbidden.From}, to: forbidden.To}
	case errors.Is(err, assignment.ErrIDReused):
		return answer{kind: answerReused}
	case errors.Is(err, assignment.ErrNotFound):
		return answer{kind: answerMissing}
	case errors.Is(err, assignment.ErrStale):
		return answer{kind: answerStale}
	default:
		return answer{kind: answerNothing, err: err.Error()}
	}
}
