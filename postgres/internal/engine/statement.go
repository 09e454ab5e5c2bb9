package engine

import (
	"strconv"

	"github.com/assignment-go/assignment"
)

// input is what a call brings along for the parameters of its statement.
type input struct {
	// row is the new row; of a row to be changed it has the ID.
	row assignment.Assignment
	// metadata is that of the row, encoded; empty for none.
	metadata string
	// extra are the values of the host's own columns.
	extra  []any
	change assignment.Change
	// locked is how many rows a replace has locked that it is to retire.
	locked int
}

// argument picks the value of one parameter.
type argument func(in *input) any

// statement is a text that is constant for the life of the store, so that a
// driver's statement cache works, and what its parameters are.
type statement struct {
	text string
	args []argument
	// extra are the columns of the host's own that get a value, by the numbers of
	// their parameters; nil when there are none.
	extra map[int]field
}

func (s statement) values(in *input) []any {
	values := make([]any, len(s.args))
	for i, arg := range s.args {
		values[i] = arg(in)
	}
	return values
}

// binder numbers the parameters of one statement while it is rendered.
type binder struct {
	args  []argument
	named map[string]string
	extra map[int]field
}

func newBinder() *binder { return &binder{named: make(map[string]string)} }

// bind adds a parameter and returns its placeholder.
func (b *binder) bind(arg argument) string {
	b.args = append(b.args, arg)
	return "$" + strconv.Itoa(len(b.args))
}

// of returns the placeholder of the field's value in the new row.
func (b *binder) of(f field) string {
	if p, bound := b.named[f.name]; bound {
		return p
	}
	p := b.bind(f.value)
	b.named[f.name] = p
	if f.form == formOfHost {
		if b.extra == nil {
			b.extra = make(map[int]field)
		}
		b.extra[len(b.args)] = f
	}
	return p
}

func (b *binder) text(f field) string { return b.of(f) }

func (b *binder) time(f field) string { return b.of(f) }

func (b *binder) statement(text string) statement {
	return statement{text: text, args: b.args, extra: b.extra}
}
