package sqlgen

import (
	"strconv"
	"strings"

	"github.com/assignment-go/assignment/postgres/internal/pgdb"
)

// Mode is how closely a statement for a batch looks at the rows.
type Mode int

const (
	// Trusting inserts all rows.
	Trusting Mode = iota
	// Careful leaves out rows that exist already, which an earlier attempt created.
	Careful
)

// CreateMany creates all rows, for tables that [Layout.CanBatch]. What it does not
// return as rejected is there.
func (s *Statements) CreateMany(mode Mode, rows []*Input) Bound {
	return s.createMany[mode][uniformityOf(rows)].bind(rows)
}

// createMany is one round trip for any number of rows. Unlike create it looks
// for holders only after the insert, and only for rows that it refused, since
// in a batch most keys are new. The first three arrays are those of the ID and
// the key.
func (r renderer) createMany(mode Mode, rows uniformity) batchStatement {
	u := &unnesting{layout: &r.Layout, rows: rows}
	values := r.newValues(u)
	id, assignee, subject := r.id.match("item.c1"), r.assignee.match("refused.c2"), r.subject.match("refused.c3")
	items := u.String()
	if mode == Careful {
		// a join could change the order, in which lies the freedom from deadlocks
		items = u.numbered() + `
  WHERE NOT EXISTS (SELECT FROM ` + r.table + ` AS own WHERE own.` + r.id.quoted() + ` = ` + id + `)
  ORDER BY item.n`
	}
	returned, created := r.id.quoted(), ""
	if r.Triggers.BeforeInsert {
		returned, created = r.columns(), `SELECT `+r.projection(r.unlessAsked(u))+` FROM created
UNION ALL
`
	}
	return batchStatement{params: u.params, text: `WITH ` + r.identified() + `created AS (
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
  SELECT ` + list(r.stored(), "own.") + ` FROM refused JOIN ` + r.table + ` AS own
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
	return unless(OnInsert, r.notInitial(), unless(OnInsert, differences, number(pgdb.RowCreated)))
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
