package sqlgen

import (
	"strings"

	"github.com/assignment-go/assignment/postgres/internal/pgdb"
)

// Mode is what a statement for a batch assumes of the rows.
type Mode int

const (
	// Trusting assumes that no row exists, and inserts all.
	Trusting Mode = iota
	// Careful leaves out rows that exist already, which an earlier attempt created.
	Careful
)

// CreateMany creates all rows, for tables that [Layout.CanBatch]. What it does not
// return as rejected is there.
func (s *Statements) CreateMany(mode Mode, rows []*Input) Bound {
	return s.createMany[mode][uniformityOf(rows)].bind(rows)
}

// createMany is one round trip for any number of rows. Unlike create it looks up
// holders only after the insert, and only for rows that it rejected, since in a
// batch most keys are new.
func (r renderer) createMany(mode Mode, rows uniformity) batchStatement {
	u := &unnesting{layout: &r.Layout, rows: rows}
	values := listed("SELECT ", r.newValues(u), "")
	items, returned := u.items(), text{"RETURNING " + r.id.quoted()}
	if mode == Careful {
		items = r.missing(u)
	}
	var created text
	var sent cte
	if r.Triggers.BeforeInsert {
		sent = as("sent", u.selected(len(u.arrays)))
		returned = listed("RETURNING ", names(r.stored(), ""), "")
		created = stacked(explained(r.projection("SELECT", r.unlessSent())), text{"FROM created"})
	}
	return u.statement(
		with(
			r.identified(),
			sent,
			as("created", r.insertInto(), values, items, r.guardedConflict(), returned),
			materialized("rejected", r.notCreated(u)),
		),
		union(created, r.rejectedFor(pgdb.RowHolder), r.rejectedFor(pgdb.RowExisting), text{
			"SELECT " + kind(pgdb.RowRejected)[0] + ", id, assignee_id, subject_id" + strings.Repeat(", ''", 3) +
				strings.Repeat(", NULL", 4) + ", 0" + strings.Repeat(", NULL", 2),
			"FROM rejected",
		}))
}

// missing leaves out rows that exist. A join could change the order, which
// prevents deadlocks.
func (r renderer) missing(u *unnesting) text {
	return stacked(u.numbered(), text{
		"-- prevents a second row for one that an earlier attempt created",
		"WHERE NOT EXISTS (",
		"  SELECT FROM " + r.table + " AS existing",
		"  WHERE existing." + r.id.quoted() + " = " + r.id.match("item.id"),
		")",
		"-- prevents deadlocks between batches: all insert in the same order",
		"ORDER BY item.n",
	})
}

// idAndKey is how many arrays the ID and the key are: the first.
const idAndKey = 3

// notCreated finds the rows that were not inserted.
func (r renderer) notCreated(u *unnesting) text {
	return stacked(
		text{
			"-- most batches are created whole: then nothing below is evaluated",
			"SELECT item.*",
			"FROM (SELECT count(*) AS n FROM created) AS done",
			"CROSS JOIN LATERAL (",
			"  SELECT *",
			"  FROM (",
		},
		u.selected(idAndKey).nested().nested(),
		text{
			"  ) AS item",
			"  WHERE " + r.id.match("item.id") + " NOT IN (SELECT " + r.id.quoted() + " FROM created)",
			") AS item",
			"WHERE done.n < cardinality($1::text[])",
		})
}

// rejectedFor returns the rows for which others were rejected: the holders of
// their slots, or those that have their IDs.
func (r renderer) rejectedFor(k pgdb.RowKind) text {
	name := "holder"
	join := r.joinHolder(r.assignee.match("rejected.assignee_id"), r.subject.match("rejected.subject_id"))
	if k == pgdb.RowExisting {
		name = "existing"
		join = text{"JOIN " + r.table + " AS existing", "ON existing." + r.id.quoted() + " = " + r.id.match("rejected.id")}
	}
	return stacked(
		r.projection("SELECT", kind(k)),
		text{"FROM ("},
		stacked(listed("SELECT ", names(r.stored(), name+"."), ""), text{"FROM rejected"}, join).nested(),
		text{") AS " + name})
}

// unlessSent renders the kind of a row of a batch that a trigger may have stored
// otherwise than requested: each must be one of those that were sent. Which column
// differs is only determined for one that is not.
func (r renderer) unlessSent() text {
	key := []field{r.id, r.assignee, r.subject}
	var is, sent []string
	for _, f := range key {
		match := f.match("sent." + f.result)
		sent = append(sent, match)
		is = append(is, "created."+f.quoted()+" = "+match)
	}
	asSent := text{
		"(" + strings.Join(names(key, "created."), ", ") + ")",
		"  IN (SELECT " + strings.Join(sent, ", ") + " FROM sent)",
	}
	differences := []difference{{when: append(asSent, r.asRequested()...)}}
	for n, f := range key {
		condition := stacked(text{"NOT EXISTS (", "  SELECT FROM sent"}, where(is[:n+1]...).nested(), text{")"})
		differences = append(differences, difference{f.name, condition})
	}
	if r.request.mapped() {
		differences = append(differences, difference{r.request.name, text{"true"}})
	}
	return unless(OnInsert, r.notInitial(), unless(OnInsert, differences, kind(pgdb.RowCreated)))
}

// asRequested adds the condition that a row has the fingerprint that was sent
// with its ID, or that either is none.
func (r renderer) asRequested() text {
	if !r.request.mapped() {
		return nil
	}
	id, request := "created."+r.id.quoted(), "created."+r.request.quoted()
	sent := "(SELECT " + r.id.match("sent.id") + ", sent.request FROM sent)"
	return text{
		"AND (" + request + " IS NULL",
		"  OR (" + id + ", " + request + ") IN " + sent,
		"  OR (" + id + ", '') IN " + sent + ")",
	}
}
