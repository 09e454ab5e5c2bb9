package engine

import (
	"context"
	"errors"
	"strings"

	"github.com/assignment-go/assignment/postgres/schema"
)

// rows runs the statement with what the input brings along.
func (s statement) rows(ctx context.Context, q Querier, in *input) ([]Row, error) {
	rows, err := q.Rows(ctx, s.text, s.values(in)...)
	return rows, s.withHostValues(err)
}

// withHostValues notes on a failure which values of the host's the statement
// had: they are the only ones that no check has seen.
func (s statement) withHostValues(err error) error {
	if err == nil || len(s.extra) == 0 {
		return err
	}
	return &hostValuesError{err: err, extra: s.extra}
}

// hostValuesError is the failure of a statement that had values for columns of
// the host's own.
type hostValuesError struct {
	err error
	// extra are these columns, by the numbers of their parameters.
	extra map[int]field
}

func (e *hostValuesError) Error() string { return e.err.Error() }

func (e *hostValuesError) Unwrap() error { return e.err }

// culprit names the column whose value is at fault: the one that the driver or
// the message of the server names, or the only one. It is empty when there are
// more.
func (e *hostValuesError) culprit(message string) string {
	if failure, ok := errors.AsType[*inClientError](e.err); ok {
		if f, ok := e.extra[failure.parameter]; ok {
			return f.name
		}
	}
	name := ""
	for _, f := range e.extra {
		if len(e.extra) == 1 || strings.Contains(message, schema.Quote(f.column)) {
			name = f.name
		}
	}
	return name
}

// isAboutValue recognises that a value does not fit its column: by its type, or
// by what it is. The server rarely names that column.
func (r ServerError) isAboutValue() bool {
	return !r.raisedByHost() && r.Subject == "" &&
		(r.class() == "22" || r.Code == "42804" || r.Code == "42846" || r.Code == "42883")
}
