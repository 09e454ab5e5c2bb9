package engine

import (
	"strconv"
	"strings"
	"time"

	"github.com/assignment-go/assignment/postgres/schema"
)

// kindRefused names a row of a batch that was not created. Those that were are
// not sent back: what is not refused is there.
const kindRefused = 5

// bulk is a statement for many rows at once.
type bulk struct {
	text string
	// columns are the arrays that it unnests.
	columns []bulkColumn
}

// bulkColumn adds the value of one row to an array.
type bulkColumn func(in input, to *array)

// arrays returns the parameters for the rows.
func (b bulk) arrays(rows []input) []any {
	arrays := make([]array, len(b.columns))
	for _, in := range rows {
		for i, add := range b.columns {
			add(in, &arrays[i])
		}
	}
	args := make([]any, len(arrays))
	for i := range arrays {
		args[i] = arrays[i].String()
	}
	return args
}

// unnesting renders the rows of a bulk from its arrays, in the order in which
// the client sorted them.
type unnesting struct {
	columns []bulkColumn
	arrays  []string
	names   []string
}

// text adds an array of texts and returns the name of its column.
func (u *unnesting) text(f field) string {
	return u.add("text", func(in input, to *array) {
		text, _ := f.value(in).(string) // none is nil
		to.add(text)
	})
}

func (u *unnesting) time(f field) string {
	return u.add("timestamptz", func(in input, to *array) {
		at, _ := f.value(in).(time.Time) // none is nil
		to.addTime(at)
	})
}

func (u *unnesting) add(typeName string, column bulkColumn) string {
	u.columns = append(u.columns, column)
	n := strconv.Itoa(len(u.columns))
	u.arrays = append(u.arrays, "$"+n+"::"+typeName+"[]")
	u.names = append(u.names, "c"+n)
	return "item.c" + n
}

func (u *unnesting) String() string {
	return "unnest(" + strings.Join(u.arrays, ", ") + ")\n    WITH ORDINALITY AS item (" + strings.Join(u.names, ", ") + ", n)"
}

// bulkValues renders what an insert of many rows takes for each column.
func (r renderer) bulkValues(u *unnesting) []string {
	created := ""
	values := make([]string, 0, len(r.inserted()))
	for _, f := range r.kept() {
		switch f.name {
		case r.status.name:
			values = append(values, f.put(schema.Literal(string(r.lifecycle.Initial))))
		case r.version.name:
			values = append(values, "1")
		case r.completed.name:
			values = append(values, "NULL")
		case r.created.name:
			created = u.time(f)
			values = append(values, f.put(created)+" AS created")
		case r.updated.name:
			at := created // the same, unless it is cut otherwise
			if created == "" || f.unit() != r.created.unit() {
				at = u.time(f)
			}
			values = append(values, f.put(at)+" AS updated")
		case r.due.name:
			values = append(values, f.put(u.time(f)))
		default:
			values = append(values, f.put(u.text(f)))
		}
	}
	return values
}

// createMany is one round trip for any number of rows. Unlike create it looks
// for holders only after the insert, and only for rows that it refused, since
// in a batch most keys are new. The first three arrays are those of the ID and
// the key.
func (r renderer) createMany(how care) bulk {
	u := &unnesting{}
	values := r.bulkValues(u)
	id, assignee, subject := r.id.match("item.c1"), r.assignee.match("refused.c2"), r.subject.match("refused.c3")
	stranger := ""
	if how == careful {
		// a join could change the order, in which lies the freedom from deadlocks
		stranger = `
  WHERE NOT EXISTS (SELECT FROM ` + r.table + ` AS own WHERE own.` + r.id.quoted() + ` = ` + id + `)
  ORDER BY item.n`
	}
	return bulk{columns: u.columns, text: `WITH created AS (
  INSERT INTO ` + r.table + ` (` + r.columns() + `)
  SELECT ` + strings.Join(values, ", ") + `
  FROM ` + u.String() + stranger + `
  ` + r.inference() + `
  RETURNING ` + r.id.quoted() + ` AS id
), refused AS MATERIALIZED (
  SELECT item.c1, item.c2, item.c3
  -- most batches are created whole: then the rest costs nothing
  FROM (SELECT count(*) AS n FROM created) AS done CROSS JOIN LATERAL (
    SELECT * FROM ` + u.String() + ` WHERE ` + id + ` NOT IN (SELECT created.id FROM created)
  ) AS item
  WHERE done.n < cardinality($1::text[])
)
SELECT ` + r.projection("2") + ` FROM (
  SELECT holder.* FROM refused JOIN ` + r.table + ` AS holder
  ON holder.` + r.assignee.quoted() + ` = ` + assignee + ` AND holder.` + r.subject.quoted() + ` = ` + subject + `
    AND holder.` + r.active + `
) AS holder
UNION ALL
SELECT ` + r.projection("3") + ` FROM (
  SELECT own.* FROM refused JOIN ` + r.table + ` AS own ON own.` + r.id.quoted() + ` = ` + r.id.match("refused.c1") + `
) AS own
UNION ALL
SELECT 5, refused.c1, refused.c2, refused.c3, '', '', '',
  NULL AS due_at, NULL AS created_at, NULL AS updated_at, NULL AS completed_at, 0, '' FROM refused`}
}
