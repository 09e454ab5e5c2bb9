package engine

import (
	"strconv"
	"strings"
	"time"

	"github.com/assignment-go/assignment/postgres/internal/pgdb"
)

// bulk is a statement for many rows at once.
type bulk struct {
	text   string
	params []bulkParam
}

// bulkParam makes one parameter of all the rows.
type bulkParam func(rows []*input) any

func (b bulk) values(rows []*input) []any {
	args := make([]any, len(b.params))
	for i, param := range b.params {
		args[i] = param(rows)
	}
	return args
}

// likeness is what the rows of a bulk have in common.
type likeness int

const (
	// unlike rows may differ in everything.
	unlike likeness = iota
	// alike rows differ in ID, key and fingerprint alone, as those of most batches
	// do. The rest is sent once.
	alike
)

func likenessOf(rows []*input) likeness {
	for _, in := range rows[1:] {
		if !in.isLike(rows[0]) {
			return unlike
		}
	}
	return alike
}

func (in *input) isLike(other *input) bool {
	a, b := &in.row, &other.row
	return a.AssignedBy == b.AssignedBy && a.AccountID == b.AccountID && a.DueAt.Equal(b.DueAt) &&
		a.CreatedAt.Equal(b.CreatedAt) && a.UpdatedAt.Equal(b.UpdatedAt) && in.metadata == other.metadata
}

// unnesting renders the rows of a bulk from its parameters, in the order in
// which the client sorted them.
type unnesting struct {
	layout *layout
	rows   likeness
	params []bulkParam
	arrays []string
	names  []string
	// request is the name of the array of fingerprints; empty when there is none.
	request string
}

// text adds a parameter for the texts of a column and returns where a row finds
// its own.
func (u *unnesting) text(f field) string {
	if u.isShared(f) {
		return u.share(f)
	}
	item := u.unnest(func(rows []*input, to *array) {
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
	if u.isShared(f) {
		return u.share(f)
	}
	item := u.unnest(func(rows []*input, to *array) {
		for _, in := range rows {
			at, _ := f.value(in).(time.Time) // none is nil
			to.addTime(at)
		}
	})
	return "NULLIF(" + item + ", '')::timestamptz"
}

// isShared leaves out the fingerprint, which differs with the key.
func (u *unnesting) isShared(f field) bool {
	return u.rows == alike && !u.identifies(f) && f.name != u.layout.request.name
}

// identifies reports whether the field is one of those that every row has and no
// two rows share.
func (u *unnesting) identifies(f field) bool {
	return f.name == u.layout.id.name || f.name == u.layout.assignee.name || f.name == u.layout.subject.name
}

func (u *unnesting) share(f field) string {
	return u.bind(func(rows []*input) any { return f.value(rows[0]) })
}

func (u *unnesting) unnest(fill func(rows []*input, to *array)) string {
	u.arrays = append(u.arrays, u.bind(func(rows []*input) any {
		var list array
		fill(rows, &list)
		return list.String()
	})+"::text[]")
	name := "c" + strconv.Itoa(len(u.arrays))
	u.names = append(u.names, name)
	return "item." + name
}

func (u *unnesting) bind(param bulkParam) string {
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

// createMany is one round trip for any number of rows. Unlike create it looks
// for holders only after the insert, and only for rows that it refused, since
// in a batch most keys are new. The first three arrays are those of the ID and
// the key.
func (r renderer) createMany(how care, rows likeness) bulk {
	u := &unnesting{layout: &r.layout, rows: rows}
	values := r.newValues(u)
	id, assignee, subject := r.id.match("item.c1"), r.assignee.match("refused.c2"), r.subject.match("refused.c3")
	items := u.String()
	if how == careful {
		// a join could change the order, in which lies the freedom from deadlocks
		items = u.numbered() + `
  WHERE NOT EXISTS (SELECT FROM ` + r.table + ` AS own WHERE own.` + r.id.quoted() + ` = ` + id + `)
  ORDER BY item.n`
	}
	returned, created := r.id.quoted(), ""
	if r.triggers.BeforeInsert {
		returned, created = r.columns(), `SELECT `+r.projection(r.unlessAsked(u))+` FROM created
UNION ALL
`
	}
	return bulk{params: u.params, text: `WITH ` + r.identified() + `created AS (
  INSERT INTO ` + r.table + ` (` + r.columns() + `)
  SELECT ` + strings.Join(values, ", ") + `
  FROM ` + items + `
  ` + r.inference() + `
  RETURNING ` + returned + `
), refused AS MATERIALIZED (
  SELECT item.c1, item.c2, item.c3
  -- most batches are created whole: then the rest costs nothing
  FROM (SELECT count(*) AS n FROM created) AS done CROSS JOIN LATERAL (
    SELECT * FROM ` + u.String() + ` WHERE ` + id + ` NOT IN (SELECT ` + r.id.quoted() + ` FROM created)
  ) AS item
  WHERE done.n < cardinality($1::text[])
)
` + created + `SELECT ` + r.projection(number(pgdb.RowHolder)) + ` FROM (
  SELECT holder.* FROM refused JOIN ` + r.activeRows() + ` AS holder
  ON holder.` + r.assignee.quoted() + ` = ` + assignee + ` AND holder.` + r.subject.quoted() + ` = ` + subject + `
) AS holder
UNION ALL
SELECT ` + r.projection(number(pgdb.RowExisting)) + ` FROM (
  SELECT ` + list(r.kept(), "own.") + ` FROM refused JOIN ` + r.table + ` AS own
  ON own.` + r.id.quoted() + ` = ` + r.id.match("refused.c1") + `
) AS own
UNION ALL
SELECT ` + number(pgdb.RowRejected) + `, refused.c1, refused.c2, refused.c3, '', '', '',
  NULL AS due_at, NULL AS created_at, NULL AS updated_at, NULL AS completed_at, 0, NULL, NULL FROM refused`}
}

// unlessAsked renders the kind of a row of a batch that a trigger may have
// stored otherwise than asked: each must be one of those that were sent. Which
// column differs is only looked up for one that is not.
func (r renderer) unlessAsked(u *unnesting) string {
	key := []field{r.id, r.assignee, r.subject}
	sent := "(SELECT " + u.columns(len(u.arrays)) + ") AS sent"
	var is, matches []string
	for n, f := range key {
		matches = append(matches, f.match("sent.c"+strconv.Itoa(n+1)))
		is = append(is, "created."+f.quoted()+" = "+matches[n])
	}
	asSent := "(" + list(key, "created.") + ") IN (SELECT " + strings.Join(matches, ", ") + " FROM " + sent + ")"
	differences := []difference{{when: asSent + r.asRequested(u, sent)}}
	for n, f := range key {
		differences = append(differences, difference{
			f.name, "NOT EXISTS (SELECT FROM " + sent + " WHERE " + strings.Join(is[:n+1], " AND ") + ")",
		})
	}
	if r.request.mapped() {
		differences = append(differences, difference{r.request.name, "true"})
	}
	return unless(onInsert, r.notInitial(), unless(onInsert, differences, number(pgdb.RowCreated)))
}

// asRequested renders the condition that a row has the fingerprint that was sent
// with its ID, or that either is none.
func (r renderer) asRequested(u *unnesting, sent string) string {
	if !r.request.mapped() {
		return ""
	}
	request := "created." + r.request.quoted()
	among := func(value string) string {
		return "(created." + r.id.quoted() + ", " + value + ") IN (SELECT " + r.id.match("sent.c1") +
			", sent." + u.request + " FROM " + sent + ")"
	}
	return " AND (" + request + " IS NULL OR " + among(request) + " OR " + among("''") + ")"
}
