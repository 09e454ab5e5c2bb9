package engine

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/sqlgen"
)

// maxChunk bounds the rows of one statement. More would gain little and hold
// more locks for longer.
const maxChunk = 1000

// CreateMany implements assignment.BatchCreator: one round trip for each thousand rows,
// and for the few whose holder was not visible yet. All or nothing adds BEGIN and
// COMMIT. On tables with DatabaseIDs, Extra or no unique index on the ID alone, each
// row takes a round trip or more.
func (e *Engine) CreateMany(
	ctx context.Context, rows []assignment.Assignment, opts assignment.BatchOptions,
) ([]assignment.ItemResult, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	p := e.plan()
	b := &batch{engine: e, plan: p, inputs: make([]sqlgen.Input, len(rows)), results: make([]assignment.ItemResult, len(rows))}
	for i := range rows {
		err := p.Encode(&b.inputs[i], &rows[i])
		if err != nil && opts.AllOrNothing {
			return nil, &assignment.BatchError{Index: i, Err: err}
		}
		b.results[i].Err = err
	}
	b.arrange()
	if opts.AllOrNothing {
		return b.createAll(ctx)
	}
	b.createEach(ctx)
	return b.results, nil
}

// batch is one call of CreateMany on its way. Items are named by their index.
type batch struct {
	engine  *Engine
	plan    *sqlgen.Statements
	inputs  []sqlgen.Input
	results []assignment.ItemResult
	// twins maps an item to an earlier one with the same ID and content, whose
	// result it shares.
	twins map[int]int
	// waves are sent one after the other, since what becomes of an item depends
	// on those before it with the same ID or key.
	waves [][]int
	// immediate has constraints checked at once that are deferred to the end of the
	// transaction.
	immediate bool
}

func (b *batch) row(i int) *assignment.Assignment { return &b.inputs[i].Row }

// again returns the same batch without results.
func (b *batch) again() *batch {
	next := *b
	next.results = make([]assignment.ItemResult, len(b.inputs))
	return &next
}

// arrange puts the items that were not refused into waves: each goes after those
// before it that have its ID, and not before those that have its key. From the
// second wave on items that share a key go together: their slots are mostly taken
// by then.
func (b *batch) arrange() {
	b.twins = make(map[int]int)
	latest, waves := make(map[assignment.ID]int, len(b.inputs)), make([]int, len(b.inputs))
	ofKey := make(map[assignment.Key]int, len(b.inputs))
	for i := range b.inputs {
		if b.results[i].Err != nil {
			continue // refused already
		}
		a, wave := b.row(i), 0
		if last, shared := ofKey[a.Key]; shared {
			wave = max(1, last)
		}
		if before, shared := latest[a.ID]; shared && a.ID != "" {
			if a.SameRequest(*b.row(before)) {
				b.twins[i] = before
				continue
			}
			wave = max(wave, waves[before]+1)
		}
		latest[a.ID], ofKey[a.Key], waves[i] = i, wave, wave
		b.add(i, wave)
	}
	for _, wave := range b.waves {
		b.sort(wave)
	}
}

// add puts the item into a wave, of which at most the last is new.
func (b *batch) add(item, wave int) {
	if wave == len(b.waves) {
		b.waves = append(b.waves, nil)
	}
	b.waves[wave] = append(b.waves[wave], item)
}

// sort is by key, whatever the order of the caller: two batches that take slots
// in different orders would deadlock. Items of one key stay in order.
func (b *batch) sort(items []int) {
	slices.SortFunc(items, func(i, j int) int {
		return cmp.Or(compareKeys(&b.row(i).Key, &b.row(j).Key), i-j)
	})
}

func compareKeys(a, b *assignment.Key) int {
	if n := strings.Compare(a.AssigneeID, b.AssigneeID); n != 0 {
		return n
	}
	return strings.Compare(a.SubjectID, b.SubjectID)
}

func (b *batch) createEach(ctx context.Context) {
	for _, wave := range b.waves {
		if !b.plan.CanBatch() {
			b.createSingly(ctx, wave, false)
			continue
		}
		for chunk := range slices.Chunk(wave, maxChunk) {
			b.createChunk(ctx, newChunk(b, chunk))
		}
	}
	b.settleTwins()
}

// settleTwins gives a repeated item what a repeated call would have got.
func (b *batch) settleTwins() {
	for i, first := range b.twins {
		result := b.results[first]
		if result.Err == nil {
			result.Outcome = assignment.OutcomeReplayed
			result.Assignment = result.Assignment.Clone()
		}
		b.results[i] = result
	}
}

// createChunk settles every item of the chunk. When its statement fails because of
// some row, it looks for that row by halves, so that the others are created. A
// statement whose reply was lost hangs over them all.
func (b *batch) createChunk(ctx context.Context, c *chunk) {
	if len(c.pending) == 1 {
		b.createSingly(ctx, c.pending, c.call.ambiguous)
		return
	}
	err := c.run(ctx)
	switch {
	case err == nil:
		b.createSingly(ctx, c.pending, c.call.ambiguous)
		return
	case !c.call.mayConcernRows(ctx, err):
		c.fail(err)
		return
	}
	half := (len(c.pending) + 1) / 2
	for items := range slices.Chunk(c.pending, half) {
		part := newChunk(b, items)
		part.isPart, part.call.ambiguous = true, c.call.ambiguous
		b.createChunk(ctx, part)
	}
}

func (b *batch) createSingly(ctx context.Context, items []int, ambiguous bool) {
	for _, i := range items {
		b.createOne(ctx, i, ambiguous)
	}
}

func (b *batch) createOne(ctx context.Context, i int, ambiguous bool) {
	op := b.creation(i)
	op.ambiguous = ambiguous
	b.results[i] = itemResult(op.reply(b.engine.run(ctx, &op.call, op)))
}

// creation is the operation that creates one item.
func (b *batch) creation(i int) *insertion {
	op := b.engine.newCreate(b.plan)
	op.in, op.id = b.inputs[i], b.row(i).ID
	return op
}

func itemResult(r assignment.Result, err error) assignment.ItemResult {
	return assignment.ItemResult{Assignment: r.Assignment, Outcome: r.Outcome, Err: err}
}
