package sqlgen

import (
	"slices"
	"strconv"
	"time"
)

// unnesting renders the rows of a batch from its parameters, in the order in
// which the client sorted them.
type unnesting struct {
	layout *Layout
	rows   uniformity
	params []batchParameter
	arrays []string
	names  []string
}

// text adds a parameter for the texts of a column and returns the expression of
// the text of a row.
func (u *unnesting) text(f field) string {
	if u.isSentOnce(f) {
		return u.once(f)
	}
	item := u.unnest(f, func(rows []*Input, to *array) {
		bytes := 0
		for _, in := range rows {
			bytes += len(f.textOf(in))
		}
		to.grow(len(rows), bytes)
		for _, in := range rows {
			to.add(f.textOf(in))
		}
	})
	if u.identifies(f) {
		return item // never empty
	}
	return "NULLIF(" + item + ", '')"
}

func (u *unnesting) time(f field) string {
	if u.isSentOnce(f) {
		return u.once(f)
	}
	item := u.unnest(f, func(rows []*Input, to *array) {
		for _, in := range rows {
			at, _ := f.value(in).(time.Time) // none is nil
			to.addTime(at)
		}
	})
	return "NULLIF(" + item + ", '')"
}

// isSentOnce leaves out the fingerprint, which differs with the key.
func (u *unnesting) isSentOnce(f field) bool {
	return u.rows == uniform && !u.identifies(f) && f.name != u.layout.request.name
}

// identifies reports whether the field is one of those that every row has and in
// which all rows differ.
func (u *unnesting) identifies(f field) bool {
	return f.name == u.layout.id.name || f.name == u.layout.assignee.name || f.name == u.layout.subject.name
}

func (u *unnesting) once(f field) string {
	return u.bind(f.result, func(rows []*Input) any { return f.value(rows[0]) })
}

// unnest sends one array of all the rows, which is named for its attribute.
func (u *unnesting) unnest(f field, fill func(rows []*Input, to *array)) string {
	u.arrays = append(u.arrays, u.bind(f.result+"[]", func(rows []*Input) any {
		var list array
		fill(rows, &list)
		return list.String()
	})+"::text[]")
	u.names = append(u.names, f.result)
	return "item." + f.result
}

func (u *unnesting) bind(name string, value func(rows []*Input) any) string {
	u.params = append(u.params, batchParameter{name, value})
	return "$" + strconv.Itoa(len(u.params))
}

// selected selects the first columns of the rows. In a select list the arrays are
// read side by side without being stored first.
func (u *unnesting) selected(n int) text {
	columns := make([]string, n)
	for i, a := range u.arrays[:n] {
		columns[i] = "unnest(" + a + ") AS " + u.names[i]
	}
	return listed("SELECT ", columns, "")
}

// items is the rows as a source.
func (u *unnesting) items() text {
	return stacked(text{"FROM ("}, u.selected(len(u.arrays)).nested(), text{") AS item"})
}

// numbered is the same with the number of each row in column n, for those that are
// to be put in order.
func (u *unnesting) numbered() text {
	return stacked(
		listed("FROM unnest(", u.arrays, ")"),
		listed("  WITH ORDINALITY AS item (", append(slices.Clone(u.names), "n"), ")"))
}
