package engine

import (
	"context"
	"slices"
	"strings"

	"github.com/assignment-go/assignment"
)

// maxChunk bounds the rows of one statement. More would gain little and hold
// more locks for longer.
const maxChunk = 1000

// CreateMany implements assignment.BatchCreator.
func (e *Engine) CreateMany(
	ctx context.Context, rows []assignment.Assignment, opts assignment.BatchOptions,
) ([]assignment.ItemResult, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	p := e.plan()
	b := &batch{engine: e, plan: p, inputs: make([]input, len(rows)), results: make([]assignment.ItemResult, len(rows))}
	for i := range rows {
		err := p.admit(&b.inputs[i], &rows[i])
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
	plan    *plan
	inputs  []input
	results []assignment.ItemResult
	// twins maps an item to an earlier one with the same ID and content, whose
	// result it shares.
	twins map[int]int
	// waves are sent one after the other, since what becomes of an item depends
	// on an earlier one with the same ID or key.
	waves [][]int
}

func (b *batch) row(i int) *assignment.Assignment { return &b.inputs[i].row }

// again returns the same batch without results.
func (b *batch) again() *batch {
	next := *b
	next.results = make([]assignment.ItemResult, len(b.inputs))
	return &next
}

// arrange sorts the items that were not refused into waves.
func (b *batch) arrange() {
	b.twins = make(map[int]int)
	rest := b.firstWave()
	for len(rest) > 0 {
		rest = b.nextWave(rest)
	}
}

// firstWave takes the first item of each ID and of each key, and returns the
// rest.
func (b *batch) firstWave() (rest []int) {
	var wave []int
	ids, keys := make(map[assignment.ID]int, len(b.inputs)), make(map[assignment.Key]bool, len(b.inputs))
	for i := range b.inputs {
		a := b.row(i)
		first, known := ids[a.ID]
		known = known && a.ID != ""
		switch {
		case b.results[i].Err != nil: // refused already
		case known && a.SameRequest(*b.row(first)):
			b.twins[i] = first
		case known || keys[a.Key]:
			rest = append(rest, i)
		default:
			ids[a.ID], keys[a.Key] = i, true
			wave = append(wave, i)
		}
	}
	b.addWave(wave)
	return rest
}

// nextWave takes the first item of each ID. Items that share a key may go
// together: their slots are mostly taken by now.
func (b *batch) nextWave(items []int) (rest []int) {
	var wave []int
	ids := make(map[assignment.ID]bool, len(items))
	for _, i := range items {
		if id := b.row(i).ID; id == "" || !ids[id] {
			ids[id] = true
			wave = append(wave, i)
		} else {
			rest = append(rest, i)
		}
	}
	b.addWave(wave)
	return rest
}

// addWave sorts by key, whatever the order of the caller: two batches that take
// slots in different orders would deadlock. Items of one key stay in order.
func (b *batch) addWave(items []int) {
	slices.SortFunc(items, func(i, j int) int {
		k, l := &b.row(i).Key, &b.row(j).Key
		if n := strings.Compare(k.AssigneeID, l.AssigneeID); n != 0 {
			return n
		}
		if n := strings.Compare(k.SubjectID, l.SubjectID); n != 0 {
			return n
		}
		return i - j
	})
	b.waves = append(b.waves, items)
}

func (b *batch) createEach(ctx context.Context) {
	for _, wave := range b.waves {
		if !b.plan.inBulk() {
			b.createSingly(ctx, wave)
			continue
		}
		for chunk := range slices.Chunk(wave, maxChunk) {
			b.createChunk(ctx, chunk)
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

// createChunk settles every item of the chunk. When the table refuses the
// statement because of some row, it looks for that row by halves, so that the
// others are created.
func (b *batch) createChunk(ctx context.Context, items []int) {
	c := newChunk(b, items)
	err := c.run(ctx)
	switch {
	case err == nil:
		return
	case !isAboutRows(err):
		c.fail(err)
	case len(c.pending) == 1:
		b.createOne(ctx, c.pending[0])
	default:
		half := len(c.pending) / 2
		b.createChunk(ctx, c.pending[:half])
		b.createChunk(ctx, c.pending[half:])
	}
}

func (b *batch) createSingly(ctx context.Context, items []int) {
	for _, i := range items {
		b.createOne(ctx, i)
	}
}

func (b *batch) createOne(ctx context.Context, i int) {
	result, err := b.engine.create(ctx, b.plan, &b.inputs[i])
	b.results[i] = itemResult(result, err)
}

func itemResult(r assignment.Result, err error) assignment.ItemResult {
	return assignment.ItemResult{Assignment: r.Assignment, Outcome: r.Outcome, Err: err}
}
