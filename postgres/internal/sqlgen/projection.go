package sqlgen

import (
	"slices"
	"strconv"

	"github.com/assignment-go/assignment/postgres/internal/pgdb"
)

// names are the columns of the fields, each with a prefix.
func names(of []field, prefix string) []string {
	columns := make([]string, len(of))
	for i, f := range of {
		columns[i] = prefix + f.quoted()
	}
	return columns
}

// kind renders the kind of a row.
func kind(k pgdb.RowKind) text { return text{strconv.Itoa(int(k))} }

// projection renders the result columns in the shape of [pgdb.Row], behind SELECT
// or RETURNING.
func (l *Layout) projection(keyword string, kind text) text {
	var columns []string
	for _, f := range l.attributes() {
		columns = append(columns, f.read())
	}
	if len(kind) == 1 {
		return listed(keyword+" ", append([]string{kind[0] + " AS kind"}, columns...), "")
	}
	return stacked(text{keyword}, ended(kind, " AS kind,").nested(), listed("  ", columns, ""))
}

// ended appends to the last line.
func ended(t text, end string) text {
	t = slices.Clone(t)
	t[len(t)-1] += end
	return t
}

// versionNow renders the version that a change raises; rows from before the
// column was added count as new.
func (l *Layout) versionNow() string {
	if l.version.nullable {
		return "COALESCE(" + l.version.quoted() + ", 1)"
	}
	return l.version.quoted()
}
