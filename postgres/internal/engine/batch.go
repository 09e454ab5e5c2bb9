package engine

import (
	"context"
	"slices"

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
	b := &batch{engine: e, plan: e.plan(), inputs: make([]sqlgen.Input, len(rows)), results: make([]assignment.ItemResult, len(rows))}
	var encoded []int
	for i := range rows {
		switch err := b.plan.Encode(&b.inputs[i], &rows[i]); {
		case err == nil:
			encoded = append(encoded, i)
		case opts.AllOrNothing:
			return nil, &assignment.BatchError{Index: i, Err: err}
		default:
			b.results[i].Err = err
		}
	}
	rounds, duplicates := arrange(b.inputs, encoded)
	for _, round := range rounds {
		b.chunks = slices.AppendSeq(b.chunks, slices.Chunk(round, chunkSize(b.plan)))
	}
	b.duplicates = duplicates
	if opts.AllOrNothing {
		return b.createAll(ctx)
	}
	b.createEach(ctx)
	return b.results, nil
}

func chunkSize(p *sqlgen.Statements) int {
	if p.CanBatch() {
		return maxChunk
	}
	return 1
}

// batch is one call of CreateMany. Its items are named by their index.
type batch struct {
	engine  *Engine
	plan    *sqlgen.Statements
	inputs  []sqlgen.Input
	results []assignment.ItemResult
	// chunks are the items of one statement each, in the order in which they are sent.
	chunks [][]int
	// duplicates maps an item to an earlier one with the same ID and content, whose
	// result it shares.
	duplicates map[int]int
}

func (b *batch) row(i int) *assignment.Assignment { return &b.inputs[i].Row }

func (b *batch) ids(items []int) []assignment.ID {
	ids := make([]assignment.ID, len(items))
	for n, i := range items {
		ids[n] = b.row(i).ID
	}
	return ids
}

// create is the operation that creates one item.
func (b *batch) create(i int) *insertion {
	op := b.engine.newCreate(b.plan)
	op.in, op.id = b.inputs[i], b.row(i).ID
	return op
}

// resolve keeps the result of an item.
func (b *batch) resolve(i int, r assignment.Result, err error) {
	b.results[i] = assignment.ItemResult{Assignment: r.Assignment, Outcome: r.Outcome, Err: err}
}

// resolveDuplicates gives a repeated item what a repeated call would have got.
func (b *batch) resolveDuplicates() {
	for i, first := range b.duplicates {
		result := b.results[first]
		if result.Err == nil {
			result.Outcome = assignment.OutcomeReplayed
			result.Assignment = result.Assignment.Clone()
		}
		b.results[i] = result
	}
}
