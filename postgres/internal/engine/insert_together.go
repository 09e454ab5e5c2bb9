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
)

// inserts are the calls that send the insert alone. The answer is who was
// inserted.
type inserts = rush[*input, map[assignment.ID]bool]

// maxTurn bounds the wait for a turn: the inserts under way may all be waiting
// for locks that others don't need, or for a slow disk.
const maxTurn = time.Millisecond

// maxSharedWait bounds how long the rows of several calls wait for locks. It is
// longer than a commit takes.
const maxSharedWait = 10 * time.Millisecond

// insertedAll is the answer when nobody was refused.
const insertedAll = "all"

// insertTogether inserts the rows of several calls. Some of them may have to wait
// for transactions of others: in all no longer than everybody can bear, and no
// longer than the host lets a statement wait. Then nothing is inserted, and each
// goes alone. lock_timeout counts for each lock anew, so that each row sets it to
// what is left.
func (r renderer) insertTogether() bulk {
	u := &unnesting{layout: &r.layout, rows: unlike}
	values := r.newValues(u)
	return bulk{params: u.params, text: `WITH created AS (
  INSERT INTO ` + r.table + ` (` + r.columns() + `)
  SELECT ` + strings.Join(values, ", ") + `
  FROM ` + u.String() + `
  WHERE set_config('lock_timeout', GREATEST(1, ceil(LEAST((
      SELECT NULLIF(date_part('epoch', current_setting('lock_timeout')::interval), 0) * 1000
    ), ` + strconv.FormatInt(maxSharedWait.Milliseconds(), 10) + `)
    - date_part('epoch', clock_timestamp() - statement_timestamp()) * 1000))::text, true) <> ''
  ` + r.inference() + `
  RETURNING ` + r.id.text() + ` AS id
)
SELECT CASE count(*) WHEN cardinality($1::text[]) THEN '` + insertedAll + `' ELSE COALESCE(json_agg(id), '[]')::text END FROM created`}
}

// insert sends the insert alone, on its own or together with others who do the
// same. It reports whether the row was inserted.
func (e *Engine) insert(ctx context.Context, p *plan, in *input) (bool, error) {
	if e.db.Unshared() || !p.inBulk() {
		return e.insertAlone(ctx, p, in)
	}
	own, lead := e.inserts.join(in)
	if own == nil {
		defer e.inserts.leave()
		return e.insertAlone(ctx, p, in)
	}
	if lead {
		e.inserts.lead(ctx, own, func(seal func() []*input) (inserted map[assignment.ID]bool, err error) {
			err = e.db.Hold(ctx, func(q Querier) error {
				inserted, err = insertTogether(ctx, q, p, seal())
				return err
			})
			return inserted, e.shared(err)
		})
	}
	if err := e.inserts.wait(ctx, own, in); err != nil {
		return false, err
	}
	if errors.Is(own.err, errAlone) {
		return e.insertAlone(ctx, p, in)
	}
	return own.answer[in.row.ID], own.err
}

func (e *Engine) insertAlone(ctx context.Context, p *plan, in *input) (bool, error) {
	return e.db.Insert(ctx, p.insertAlone.text, p.insertAlone.values(in)...)
}

func insertTogether(ctx context.Context, q Querier, p *plan, rows []*input) (map[assignment.ID]bool, error) {
	inserted := make(map[assignment.ID]bool, len(rows))
	for _, in := range rows {
		inserted[in.row.ID] = true
	}
	if len(rows) < 2 || len(inserted) < len(rows) { // one, or IDs that repeat themselves
		return nil, errAlone
	}
	// as in batches: who inserts in the same order never deadlocks
	slices.SortFunc(rows, func(a, b *input) int { return compareKeys(&a.row.Key, &b.row.Key) })
	text, err := q.Text(ctx, p.insertTogether.text, p.insertTogether.values(rows)...)
	if err != nil || text == insertedAll {
		return inserted, err
	}
	var ids []assignment.ID
	if err := json.Unmarshal([]byte(text), &ids); err != nil {
		return nil, fmt.Errorf("read who was inserted: %w", err)
	}
	clear(inserted)
	for _, id := range ids {
		inserted[id] = true
	}
	return inserted, nil
}

// shared is what a failed statement means to those for whom it was sent. Its
// error is that of the call that sent it, and its context none of their business.
func (e *Engine) shared(err error) error {
	switch fault := e.faultOf(err); {
	case err == nil || errors.Is(err, errAlone):
		return err
	case fault == faultLost:
		return errors.New(err.Error())
	case fault == faultNotSent:
		return errAlone
	default:
		e.guesses.sawTrouble()
		return errAlone
	}
}
