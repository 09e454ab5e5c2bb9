package sqlgen

import (
	"strconv"

	"github.com/assignment-go/assignment"
)

// Input is what a call has for the parameters of its statement.
type Input struct {
	// Row is the new row; of a row to be changed it has the ID.
	Row assignment.Assignment
	// Change is what a row is changed to.
	Change assignment.Change
	// Locked is how many rows a replace has locked that it is to retire.
	Locked int

	// metadata is that of the row, encoded; empty for none.
	metadata string
	// extra are the values of the host's own columns.
	extra []any
}

// Bound is a statement with its parameters.
type Bound struct {
	SQL  string
	Args []any
}

// parameter is one parameter of a statement.
type parameter struct {
	// name is that of the result column which has the attribute.
	name string
	// value picks the value from the input.
	value func(in *Input) any
}

// Statement is a text that is constant for the life of the store, so that a
// driver's statement cache works, and what its parameters are.
type Statement struct {
	text   string
	params []parameter
	// extra are the columns of the host's own that get a value, by the numbers of
	// their parameters; nil when there are none.
	extra map[int]field
}

// IsZero reports whether there is no statement.
func (s Statement) IsZero() bool { return s.text == "" }

// Bind returns the statement with the parameters that the input has for it.
func (s Statement) Bind(in *Input) Bound {
	values := make([]any, len(s.params))
	for i, param := range s.params {
		values[i] = param.value(in)
	}
	return Bound{SQL: s.text, Args: values}
}

// binder numbers the parameters of one statement while it is rendered.
type binder struct {
	params []parameter
	// bound are the placeholders of the new row's values, by attribute.
	bound map[string]string
	extra map[int]field
}

func newBinder() *binder { return &binder{bound: make(map[string]string)} }

// bind adds a parameter and returns its placeholder.
func (b *binder) bind(name string, value func(in *Input) any) string {
	b.params = append(b.params, parameter{name, value})
	return "$" + strconv.Itoa(len(b.params))
}

// of returns the placeholder of the field's value in the new row.
func (b *binder) of(f field) string {
	if p, bound := b.bound[f.name]; bound {
		return p
	}
	p := b.bind(f.result, f.value)
	b.bound[f.name] = p
	if f.pgType == typeOfHost {
		if b.extra == nil {
			b.extra = make(map[int]field)
		}
		b.extra[len(b.params)] = f
	}
	return p
}

func (b *binder) text(f field) string { return b.of(f) }

func (b *binder) time(f field) string { return b.of(f) }

func (b *binder) statement(clauses ...text) Statement {
	return Statement{text: stacked(clauses...).String(), params: b.params, extra: b.extra}
}
