package race

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"github.com/assignment-go/assignment/bench/internal/result"
	"github.com/assignment-go/assignment/bench/internal/stage"
	"github.com/assignment-go/assignment/bench/internal/strategy"
)

// batchSize is the rows of one batch.
const batchSize = 1_000

// warmBatch is enough to prepare the statements.
const warmBatch = 50

const bulkTitle = "batches of 1,000 new keys, one caller"

// bulkHeat is one way to create batches.
type bulkHeat struct {
	stage   *stage.Stage
	bulk    strategy.Bulk
	batcher strategy.Batcher
	samples []result.Sample
}

func newBulkHeat(ctx context.Context, s *stage.Stage, b strategy.Bulk) (*bulkHeat, error) {
	batcher, err := b.Open(ctx, s, stage.Guarded)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", b.Name, err)
	}
	return &bulkHeat{stage: s, bulk: b, batcher: batcher}, nil
}

// run sends batches until the time is over, one after the other, at least one.
func (h *bulkHeat) run(ctx context.Context, round int, d time.Duration) (result.Sample, error) {
	if err := h.stage.Empty(ctx, stage.Guarded); err != nil {
		return result.Sample{}, err
	}
	if _, err := h.batcher.CreateBatch(ctx, h.batch(fmt.Sprintf("warm-%d", round), warmBatch)); err != nil {
		return result.Sample{}, fmt.Errorf("%s: %w", h.bulk.Name, err)
	}
	before, err := takeState(ctx, h.stage, stage.Guarded)
	if err != nil {
		return result.Sample{}, err
	}
	runtime.GC()

	turns := h.stage.Wire.Trips()
	begin := time.Now()
	var all shift
	for i := 0; i == 0 || time.Since(begin) < d; i++ {
		if err := h.send(ctx, &all, fmt.Sprintf("%d-%d", round, i)); err != nil {
			return result.Sample{}, err
		}
	}
	elapsed := time.Since(begin)
	turns = h.stage.Wire.Trips() - turns

	sample := sum([]shift{all}, elapsed)
	sample.Round = round
	sample.TripsPerCall = float64(turns) / float64(len(all.latencies))
	err = before.audit(ctx, h.stage, stage.Guarded, &sample)
	return sample, err
}

func (h *bulkHeat) send(ctx context.Context, all *shift, token string) error {
	batch := h.batch(token, batchSize)
	begin := time.Now()
	n, err := h.batcher.CreateBatch(ctx, batch)
	if err != nil {
		return fmt.Errorf("%s: %w", h.bulk.Name, err)
	}
	all.latencies = append(all.latencies, time.Since(begin))
	all.tally.Add(result.Tally{Calls: batchSize, Created: n, Conflicts: batchSize - n})
	return nil
}

func (h *bulkHeat) batch(token string, size int) []strategy.Request {
	batch := make([]strategy.Request, size)
	for i := range batch {
		batch[i] = request(newKey(h.bulk.Name+"-"+token, int64(i)))
	}
	return batch
}
