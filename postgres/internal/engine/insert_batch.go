package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/coalesce"
	"github.com/assignment-go/assignment/postgres/internal/pgdb"
)

// maxLockWait bounds how long the rows of several calls wait for locks. It is
// longer than a commit takes.
const maxLockWait = 10 * time.Millisecond

// insertedAll is the reply when nobody was refused.
const insertedAll = "all"

// insertBatch inserts the rows of several calls. Some of them may have to wait
// for transactions of others: in all no longer than every call accepts, and no
// longer than the host lets a statement wait. Then nothing is inserted, and each
// sends its own. lock_timeout counts for each lock anew, so that each row sets it
// to what is left.
func (r renderer) insertBatch() bulk {
	u := &unnesting{layout: &r.layout, rows: unlike}
	values := r.newValues(u)
	return bulk{params: u.params, text: `WITH created AS (
  INSERT INTO ` + r.table + ` (` + r.columns() + `)
  SELECT ` + strings.Join(values, ", ") + `
  FROM ` + u.String() + `
  WHERE set_config('lock_timeout', GREATEST(1, ceil(LEAST((
      SELECT NULLIF(date_part('epoch', current_setting('lock_timeout')::interval), 0) * 1000
    ), ` + strconv.FormatInt(maxLockWait.Milliseconds(), 10) + `)
    - date_part('epoch', clock_timestamp() - statement_timestamp()) * 1000))::text, true) <> ''
  ` + r.inference() + `
  RETURNING ` + r.id.text() + ` AS id
)
SELECT CASE count(*) WHEN cardinality($1::text[]) THEN '` + insertedAll + `' ELSE COALESCE(json_agg(id), '[]')::text END FROM created`}
}

// mayCoalesce reports whether the insert of the row may be part of a shared
// statement.
func (e *Engine) mayCoalesce(p *plan) bool { return e.coalescing != nil && p.inBulk() }

// insertCoalesced is the insert alone, sent on its own or together with others
// that do the same.
func (e *Engine) insertCoalesced(ctx context.Context, p *plan, in *input, s slot) (assignment.Result, error) {
	call := e.coalescing.inserts.Join(ctx, insertItem{p, in})
	defer call.Leave()
	inserted, err := call.Wait(ctx)
	switch {
	case errors.Is(err, coalesce.ErrAlone):
		inserted, err = e.insertOne(ctx, p, in)
	case errors.Is(err, coalesce.ErrLate):
		return e.overtake(ctx, p, in, call)
	case err != nil && !call.Sent():
		err = pgdb.NotSent(err)
	}
	call.Leave() // what follows is no reason for others to wait
	return e.afterInsert(ctx, p, in, s, inserted, err)
}

// overtake sends the call's own statement while the shared one is on its way. A
// refusal can't be believed before the shared statement is known to have inserted
// nothing for this call.
func (e *Engine) overtake(
	ctx context.Context, p *plan, in *input, shared *coalesce.Call[insertItem, bool],
) (assignment.Result, error) {
	result, refusal := e.create(ctx, p, in)
	if refusal == nil {
		return result, nil
	}
	inserted, err := shared.Result(ctx)
	switch {
	case err == nil && inserted:
		return assignment.Result{Assignment: p.asKept(in.row), Outcome: assignment.OutcomeCreated}, nil
	case err == nil, errors.Is(err, coalesce.ErrAlone):
		return assignment.Result{}, refusal
	default:
		// only the text: in the chain the refusal would be believed by a caller that
		// looks for it first
		return assignment.Result{}, unknown(in.row.ID, fmt.Errorf("%s; of the shared statement: %w", refusal.Error(), err))
	}
}

func (e *Engine) insertOne(ctx context.Context, p *plan, in *input) (bool, error) {
	inserted, err := e.db.Insert(ctx, p.insertAlone.text, p.insertAlone.values(in)...)
	return inserted, p.insertAlone.withHostValues(in, err)
}

// insertBatch reports which of the rows were inserted.
func (e *Engine) insertBatch(ctx context.Context, seal func() []insertItem) (inserted []bool, err error) {
	err = hold(ctx, e, seal, func(q pgdb.Querier, items []insertItem) error {
		rows, err := rowsOf(items)
		if err != nil {
			return err
		}
		created, err := insertRows(ctx, q, items[0].plan, rows)
		inserted = make([]bool, len(items))
		for i, item := range items {
			inserted[i] = created[item.in.row.ID]
		}
		return err
	})
	switch {
	case err == nil, errors.Is(err, coalesce.ErrAlone):
		return inserted, err
	case e.faultOf(err) == pgdb.FaultLost, e.faultOf(err) == pgdb.FaultUnreadable:
		return nil, lostError(err)
	default:
		// The server reported a failure, which may be about one row and costs them
		// all: nothing was inserted, and none is shared for a while.
		e.guesses.sawTrouble()
		return nil, coalesce.ErrAlone
	}
}

// rowsOf returns the rows in the order in which batches, too, are inserted:
// statements that take slots in the same order never deadlock.
func rowsOf(items []insertItem) ([]*input, error) {
	rows, ids := make([]*input, len(items)), make(map[assignment.ID]bool, len(items))
	for i, item := range items {
		rows[i], ids[item.in.row.ID] = item.in, true
		if item.plan != items[0].plan {
			return nil, coalesce.ErrAlone
		}
	}
	if len(rows) < 2 || len(ids) < len(rows) { // one, or IDs that repeat themselves
		return nil, coalesce.ErrAlone
	}
	slices.SortFunc(rows, func(a, b *input) int { return compareKeys(&a.row.Key, &b.row.Key) })
	return rows, nil
}

func insertRows(ctx context.Context, q pgdb.Querier, p *plan, rows []*input) (map[assignment.ID]bool, error) {
	text, err := q.Text(ctx, p.insertBatch.text, p.insertBatch.values(rows)...)
	if err != nil {
		return nil, err
	}
	inserted := make(map[assignment.ID]bool, len(rows))
	if text == insertedAll {
		for _, in := range rows {
			inserted[in.row.ID] = true
		}
		return inserted, nil
	}
	var ids []assignment.ID
	if err := json.Unmarshal([]byte(text), &ids); err != nil {
		return nil, fmt.Errorf("read who was inserted: %w", err)
	}
	for _, id := range ids {
		inserted[id] = true
	}
	return inserted, nil
}
