package sqlgen

import (
	"strconv"
	"strings"
	"time"
)

// unnesting renders the rows of a batch from its parameters, in the order in
// which the client sorted them.
type unnesting struct {
	layout *Layout
	rows   uniformity
	params []batchParam
	arrays []string
	names  []string
	// request is the name of the array of fingerprints; empty when there is none.
	request string
}

// text adds a parameter for the texts of a column and returns where a row finds
// its own.
func (u *unnesting) text(f field) string {
	if u.isSentOnce(f) {
		return u.once(f)
	}
	item := u.unnest(func(rows []*Input, to *array) {
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
	if f.name == u.layout.request.name {
		u.request = u.names[len(u.names)-1]
	}
	return "NULLIF(" + item + ", '')"
}

func (u *unnesting) time(f field) string {
	if u.isSentOnce(f) {
		return u.once(f)
	}
	item := u.unnest(func(rows []*Input, to *array) {
		for _, in := range rows {
			at, _ := f.value(in).(time.Time) // none is nil
			to.addTime(at)
		}
	})
	return "NULLIF(" + item + ", '')::timestamptz"
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
	return u.bind(func(rows []*Input) any { return f.value(rows[0]) })
}

func (u *unnesting) unnest(fill func(rows []*Input, to *array)) string {
	u.arrays = append(u.arrays, u.bind(func(rows []*Input) any {
		var list array
		fill(rows, &list)
		return list.String()
	})+"::text[]")
	name := "c" + strconv.Itoa(len(u.arrays))
	u.names = append(u.names, name)
	return "item." + name
}

func (u *unnesting) bind(param batchParam) string {
	u.params = append(u.params, param)
	return "$" + strconv.Itoa(len(u.params))
}

// String renders the rows. In a select list the arrays are read side by side
// without being stored first.
func (u *unnesting) String() string {
	return "(SELECT " + u.columns(len(u.arrays)) + ") AS item"
}

// columns renders the first arrays.
func (u *unnesting) columns(n int) string {
	columns := make([]string, n)
	for i, a := range u.arrays[:n] {
		columns[i] = "unnest(" + a + ") AS " + u.names[i]
	}
	return strings.Join(columns, ", ")
}

// numbered renders the rows with their number in column n, for those that are to
// be put in order.
func (u *unnesting) numbered() string {
	return "unnest(" + strings.Join(u.arrays, ", ") + ")\n    WITH ORDINALITY AS item (" + strings.Join(u.names, ", ") + ", n)"
}
