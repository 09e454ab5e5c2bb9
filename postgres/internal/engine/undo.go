package engine

import (
	"errors"

	"github.com/assignment-go/assignment/postgres/internal/sqlgen"
)

func (e *Engine) isUnreplaced(err error) bool {
	report, ok := e.db.Describe(err)
	return ok && sqlgen.IsUnreplaced(report)
}

// undoneBy returns what an error says about a statement that was undone.
func (e *Engine) undoneBy(err error) (*undoneError, bool) {
	if undone, ok := errors.AsType[*undoneError](err); ok {
		return undone, true
	}
	report, _ := e.db.Describe(err)
	undo, ok := sqlgen.ReadUndo(report)
	return &undoneError{event: undo.Event, attribute: undo.Attribute}, ok
}

func isUndone(err error) bool {
	_, ok := errors.AsType[*undoneError](err)
	return ok
}

// undoneError says that a statement was undone, or did nothing, because code of
// the host's would have left something else than was asked for.
type undoneError struct {
	event sqlgen.Event
	// attribute is what would have been stored otherwise; empty when the row would
	// not have been stored at all.
	attribute string
	// after means that it happened once the row had been stored.
	after bool
	// policy means that row-level security is why.
	policy bool
}

func (e *undoneError) Error() string {
	if e.attribute == "" {
		return "the " + string(e.event) + " left no row"
	}
	return "the " + string(e.event) + " left another " + e.attribute
}
