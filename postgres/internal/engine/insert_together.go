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

// insertedAll is the answer when nobody was refused.
const insertedAll = "all"

// insertTogether inserts the rows of several calls. One of them may have to wait
// for somebody's open transaction: no longer than the others can bear. Then
// nothing is inserted, and each goes alone.
func (r renderer) insertTogether() bulk {
	u := &unnesting{layout: &r.layout, rows: unlike}
	values := r.newValues(u)
	return bulk{params: u.params, text: `WITH created AS (
  INSERT INTO ` + r.table + ` (` + r.columns() + `)
  SELECT ` + strings.Join(values, ", ") + `
  FROM ` + u.String() + `
  WHERE (SELECT set_config('lock_timeout', '` + strconv.FormatInt(maxFollow.Milliseconds(), 10) + `ms', true)) <> ''
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
		e.inserts.lead(ctx, own, func(rows []*input) (map[assignment.ID]bool, error) {
			return e.insertTogether(ctx, p, rows)
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

func (e *Engine) insertTogether(ctx context.Context, p *plan, rows []*input) (map[assignment.ID]bool, error) {
	inserted := make(map[assignment.ID]bool, len(rows))
	for _, in := range rows {
		inserted[in.row.ID] = true
	}
	if len(rows) < 2 || len(inserted) < len(rows) { // one, or IDs that repeat themselves
		return nil, errAlone
	}
	// as in batches: who inserts in the same order never deadlocks
	slices.SortFunc(rows, func(a, b *input) int { return compareKeys(&a.row.Key, &b.row.Key) })
	text, err := e.db.Text(ctx, p.insertTogether.text, p.insertTogether.values(rows)...)
	if err != nil {
		return nil, e.shared(err)
	}
	if text == insertedAll {
		return inserted, nil
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
	switch e.faultOf(err) {
	case faultLost:
		return errors.New(err.Error())
	case faultNotSent:
		return errAlone
	default:
		e.guesses.sawTrouble()
		return errAlone
	}
}
