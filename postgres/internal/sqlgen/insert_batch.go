package sqlgen

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/assignment-go/assignment"
)

// maxLockWait bounds how long the rows of several calls wait for locks. It is
// longer than a commit takes.
const maxLockWait = 10 * time.Millisecond

// insertedAll is the reply when no row was rejected.
const insertedAll = "all"

// insertBatch inserts the rows of several calls. Some of them may have to wait
// for transactions of others: in all no longer than every call accepts, and no
// longer than the host lets a statement wait. Then nothing is inserted, and each
// sends its own. lock_timeout counts for each lock anew, so that each row sets it
// to what is left.
func (r renderer) insertBatch() batchStatement {
	u := &unnesting{layout: &r.Layout, rows: mixed}
	values := listed("SELECT ", r.newValues(u), "")
	return u.statement(
		with(as("created",
			r.insertInto(),
			values,
			u.items(),
			text{
				"-- prevents a lock that one call waits for from delaying the others: bounds the wait of them all",
				"WHERE set_config('lock_timeout', GREATEST(1, ceil(",
				"    LEAST(",
				"      (SELECT NULLIF(date_part('epoch', current_setting('lock_timeout')::interval), 0) * 1000),",
				"      " + strconv.FormatInt(maxLockWait.Milliseconds(), 10),
				"    ) - date_part('epoch', clock_timestamp() - statement_timestamp()) * 1000",
				"  ))::text, true) <> ''",
			},
			r.guardedConflict(),
			text{"RETURNING " + r.id.read()},
		)),
		text{
			"SELECT CASE count(*)",
			"    WHEN cardinality($1::text[]) THEN '" + insertedAll + "'",
			"    ELSE COALESCE(json_agg(id), '[]')::text",
			"  END",
			"FROM created",
		})
}

// InsertBatch inserts the rows of several calls, for tables that
// [Layout.CanBatch]. Its reply is for [Inserted].
func (s *Statements) InsertBatch(rows []*Input) Bound { return s.insertBatch.bind(rows) }

// Inserted reads from the reply to InsertBatch which of the rows were inserted.
func Inserted(reply string, rows []*Input) (map[assignment.ID]bool, error) {
	inserted := make(map[assignment.ID]bool, len(rows))
	if reply == insertedAll {
		for _, in := range rows {
			inserted[in.Row.ID] = true
		}
		return inserted, nil
	}
	var ids []assignment.ID
	if err := json.Unmarshal([]byte(reply), &ids); err != nil {
		return nil, fmt.Errorf("read which rows were inserted: %w", err)
	}
	for _, id := range ids {
		inserted[id] = true
	}
	return inserted, nil
}
