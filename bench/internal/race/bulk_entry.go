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

// batchSize is the number of rows in a batch.
const batchSize = 1_000

// warmUpBatch is enough rows to prepare the statements.
const warmUpBatch = 50

const bulkTitle = "batches of 1,000 new keys, one caller"

// bulkEntry is one way to create batches, under the bulk workload.
type bulkEntry struct {
	stage   *stage.Stage
	bulk    strategy.Bulk
	batcher strategy.Batcher
	samples []result.Sample
}

func newBulkEntry(ctx context.Context, s *stage.Stage, b strategy.Bulk) (*bulkEntry, error) {
	batcher, err := b.Open(ctx, s, stage.Guarded)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", b.Name, err)
	}
	return &bulkEntry{stage: s, bulk: b, batcher: batcher}, nil
}

// run sends one batch after the other until the time is over, but at least one.
func (e *bulkEntry) run(ctx context.Context, round int, d time.Duration) (result.Sample, error) {
	if err := e.stage.Empty(ctx, stage.Guarded); err != nil {
		return result.Sample{}, err
	}
	if _, err := e.batcher.CreateBatch(ctx, e.batch(fmt.Sprintf("warm-%d", round), warmUpBatch)); err != nil {
		return result.Sample{}, fmt.Errorf("%s: %w", e.bulk.Name, err)
	}
	before, err := takeState(ctx, e.stage, stage.Guarded)
	if err != nil {
		return result.Sample{}, err
	}
	runtime.GC()

	trips := e.stage.Wire.Trips()
	begin := time.Now()
	var all callerResult
	for i := 0; i == 0 || time.Since(begin) < d; i++ {
		if err := e.send(ctx, &all, fmt.Sprintf("%d-%d", round, i)); err != nil {
			return result.Sample{}, err
		}
	}
	elapsed := time.Since(begin)
	trips = e.stage.Wire.Trips() - trips

	sample := sum([]callerResult{all}, elapsed)
	sample.Round = round
	sample.TripsPerCall = float64(trips) / float64(len(all.latencies))
	err = before.audit(ctx, e.stage, stage.Guarded, &sample)
	return sample, err
}

func (e *bulkEntry) send(ctx context.Context, all *callerResult, token string) error {
	batch := e.batch(token, batchSize)
	begin := time.Now()
	n, err := e.batcher.CreateBatch(ctx, batch)
	if err != nil {
		return fmt.Errorf("%s: %w", e.bulk.Name, err)
	}
	all.latencies = append(all.latencies, time.Since(begin))
	all.tally.Add(result.Tally{Calls: batchSize, Created: n, Conflicts: batchSize - n})
	return nil
}

func (e *bulkEntry) batch(token string, size int) []strategy.Request {
	batch := make([]strategy.Request, size)
	for i := range batch {
		batch[i] = request(newKey(e.bulk.Name+"-"+token, int64(i)))
	}
	return batch
}
