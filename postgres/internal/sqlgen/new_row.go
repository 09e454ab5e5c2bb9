package sqlgen

import "github.com/assignment-go/assignment/postgres/internal/sqltext"

// insert renders the insert of the new row, up to its conditions.
func (r renderer) insert(b *binder) text {
	return stacked(r.insertInto(), listed("SELECT ", r.newValues(b), ""))
}

// insertInto names the columns that an insert fills.
func (r renderer) insertInto() text {
	return listed("INSERT INTO "+r.table+" (", names(r.inserted(), ""), ")")
}

// source is where an insert finds the values of a new row.
type source interface {
	// text and time return the expression of the field's value.
	text(f field) string
	time(f field) string
}

// newValues renders what a new row gets for each column that an insert names.
// What is the same for all new rows is no parameter.
func (r renderer) newValues(from source) []string {
	columns := r.inserted()
	values := make([]string, len(columns))
	created := ""
	for i, f := range columns {
		switch f.name {
		case r.status.name:
			values[i] = f.put(sqltext.Literal(string(r.lifecycle.Initial())))
		case r.version.name:
			values[i] = "1"
		case r.completed.name:
			values[i] = "NULL"
		case r.created.name:
			created = from.time(f)
			values[i] = f.put(created)
		case r.updated.name:
			at := created // the same, unless it is truncated otherwise
			if created == "" || f.unit() != r.created.unit() {
				at = from.time(f)
			}
			values[i] = f.put(at)
		case r.due.name:
			values[i] = f.put(from.time(f))
		default:
			values[i] = f.put(from.text(f))
		}
	}
	return values
}
