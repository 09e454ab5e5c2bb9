package engine

import (
	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/schema"
)

// kindRefused names a row of a batch that was not created. Those that were are
// not sent back: what is not refused is there.
const kindRefused = 5

// batchRows renders the rows of a batch from arrays, in the order in which the
// client sorted them.
const batchRows = `unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[], $7::timestamptz[], $8::text[])
    WITH ORDINALITY AS item ("id", "assignee_id", "subject_id", "assigned_by", "account_id", "due_at", "created_at", "metadata", "n")`

// createMany is one round trip for any number of rows. Unlike create it looks
// for holders only after the insert, and only for rows that it refused, since
// in a batch most keys are new.
func (r renderer) createMany(how care) string {
	stranger := ""
	if how == careful {
		// a join could change the order, in which lies the freedom from deadlocks
		stranger = `
  WHERE NOT EXISTS (SELECT FROM ` + r.table + ` AS own WHERE own."id" = item."id")
  ORDER BY item."n"`
	}
	return `WITH created AS (
  INSERT INTO ` + r.table + ` (` + columns() + `)
  SELECT item."id", item."assignee_id", item."subject_id", ` + schema.Literal(string(r.lifecycle.Initial)) + `,
    item."assigned_by", item."account_id", item."due_at", item."created_at" AS created, item."created_at" AS updated,
    NULL, 1, item."metadata"::jsonb
  FROM ` + batchRows + stranger + `
  ` + r.inference() + `
  RETURNING "id"
), refused AS MATERIALIZED (
  SELECT item."id", item."assignee_id", item."subject_id"
  -- most batches are created whole: then the rest costs nothing
  FROM (SELECT count(*) AS n FROM created) AS done CROSS JOIN LATERAL (
    SELECT * FROM ` + batchRows + ` WHERE item."id" NOT IN (SELECT "id" FROM created)
  ) AS item
  WHERE done.n < cardinality($1::text[])
)
SELECT ` + projection("2") + ` FROM (
  SELECT holder.* FROM refused JOIN ` + r.table + ` AS holder
  ON holder."assignee_id" = refused."assignee_id" AND holder."subject_id" = refused."subject_id" AND holder.` + r.active + `
) AS holder
UNION ALL
SELECT ` + projection("3") + ` FROM (
  SELECT own.* FROM refused JOIN ` + r.table + ` AS own ON own."id" = refused."id"
) AS own
UNION ALL
SELECT 5, refused."id", refused."assignee_id", refused."subject_id", '', '', '',
  NULL, now() AS created_at, now() AS updated_at, NULL, 0, '' FROM refused`
}

// arrays returns the parameters of createMany.
func arrays(rows []assignment.Assignment) ([]any, error) {
	var id, assignee, subject, by, account, due, created, metadata array
	for _, a := range rows {
		encoded, err := encodeMetadata(a.Metadata)
		if err != nil {
			return nil, err
		}
		text, _ := encoded.(string)
		id.add(string(a.ID))
		assignee.add(a.Key.AssigneeID)
		subject.add(a.Key.SubjectID)
		by.add(a.AssignedBy)
		account.add(a.AccountID)
		due.addTime(a.DueAt)
		created.addTime(a.CreatedAt)
		metadata.add(text)
	}
	args := make([]any, 0, 8)
	for _, a := range []*array{&id, &assignee, &subject, &by, &account, &due, &created, &metadata} {
		args = append(args, a.String())
	}
	return args, nil
}
