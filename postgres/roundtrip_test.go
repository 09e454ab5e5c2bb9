package postgres_test

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/internal/testdb"
	"github.com/assignment-go/assignment/postgres"
)

// roundTrips counts the statements that a pool sends, in all and for the call
// whose context carries a counter.
type roundTrips struct{ n atomic.Int64 }

type ofOneCall struct{}

func (r *roundTrips) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	r.n.Add(1)
	if own, ok := ctx.Value(ofOneCall{}).(*atomic.Int64); ok {
		own.Add(1)
	}
	return ctx
}

func (r *roundTrips) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// during returns how many statements fn sent.
func (r *roundTrips) during(fn func()) int64 {
	before := r.n.Load()
	fn()
	return r.n.Load() - before
}

func tracedService(t *testing.T) (*assignment.Service, *roundTrips) {
	t.Helper()
	pool, counter := tracedPool(t)
	return mustService(t, mustStore(t, pool)), counter
}

func tracedPool(t *testing.T) (*pgxpool.Pool, *roundTrips) {
	t.Helper()
	config, err := pgxpool.ParseConfig(testdb.Schema(t))
	if err != nil {
		t.Fatal(err)
	}
	counter := &roundTrips{}
	config.ConnConfig.Tracer = counter
	config.MaxConns = 32
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	if err := postgres.Migrate(t.Context(), pool, nil); err != nil {
		t.Fatal(err)
	}
	return pool, counter
}

func TestRoundTrips(t *testing.T) {
	service, counter := tracedService(t)
	params := assignment.CreateParams{Key: assignment.Key{AssigneeID: "counselor", SubjectID: "scenario"}}
	var held assignment.Assignment

	t.Run("creating_takes_one", func(t *testing.T) {
		var err error
		n := counter.during(func() { held, err = service.Create(t.Context(), params) })
		if err != nil || n != 1 {
			t.Errorf("%d round trips, %v", n, err)
		}
	})
	t.Run("a_conflict_takes_one", func(t *testing.T) {
		var err error
		n := counter.during(func() { _, err = service.Create(t.Context(), params) })
		if !errors.Is(err, assignment.ErrActiveExists) || n != 1 {
			t.Errorf("%d round trips, %v", n, err)
		}
	})
	t.Run("replacing_takes_one", func(t *testing.T) {
		var err error
		n := counter.during(func() {
			_, err = service.Replace(t.Context(), params, assignment.ReplaceParams{RetireTo: assignment.StatusCancelled})
		})
		if err != nil || n != 1 {
			t.Errorf("%d round trips, %v", n, err)
		}
	})
	t.Run("a_rejected_reopen_takes_one", func(t *testing.T) {
		var err error
		n := counter.during(func() { _, err = service.Reopen(t.Context(), held.ID) })
		if !errors.Is(err, assignment.ErrActiveExists) || n != 1 {
			t.Errorf("%d round trips, %v", n, err)
		}
	})
	t.Run("a_race_takes_at_most_eight_each_and_below_two_on_average", func(t *testing.T) {
		raceForKeys(t, service, counter)
	})
}

func TestRoundTripsOfABatch(t *testing.T) {
	service, counter := tracedService(t)
	batch := make([]assignment.CreateParams, 2500)
	for i := range batch {
		batch[i].Key = assignment.Key{AssigneeID: strconv.Itoa(i), SubjectID: "scenario"}
	}
	t.Run("new_keys_take_one_for_each_thousand", func(t *testing.T) {
		n := counter.during(func() { wantItems(t, service, batch, nil) })
		if n != 3 {
			t.Errorf("%d round trips", n)
		}
	})
	t.Run("conflicts_take_no_more", func(t *testing.T) {
		n := counter.during(func() { wantItems(t, service, batch, assignment.ErrActiveExists) })
		if n != 3 {
			t.Errorf("%d round trips", n)
		}
	})
	t.Run("all_or_nothing_adds_begin_and_commit", func(t *testing.T) {
		for i := range batch {
			batch[i].Key.SubjectID = "another"
		}
		n := counter.during(func() {
			if _, err := service.CreateMany(t.Context(), batch, &assignment.BatchOptions{AllOrNothing: true}); err != nil {
				t.Error(err)
			}
		})
		if n != 5 {
			t.Errorf("%d round trips", n)
		}
	})
}

func wantItems(t *testing.T, service *assignment.Service, batch []assignment.CreateParams, want error) {
	t.Helper()
	results, err := service.CreateMany(t.Context(), batch, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range results {
		if !errors.Is(r.Err, want) {
			t.Fatalf("item %d: got %v, want %v", i, r.Err, want)
		}
	}
}

func raceForKeys(t *testing.T, service *assignment.Service, counter *roundTrips) {
	const rounds, callers = 50, 10
	var created atomic.Int64
	n := counter.during(func() {
		for round := range rounds {
			key := assignment.Key{AssigneeID: "racer", SubjectID: strconv.Itoa(round)}
			created.Add(race(t, service, key, callers))
		}
	})
	average := float64(n) / (rounds * callers)
	t.Logf("%.2f round trips on average", average)
	if created.Load() != rounds || average >= 2 {
		t.Errorf("%d created in %d rounds with %.2f round trips on average", created.Load(), rounds, average)
	}
}

// race lets callers create the same key at once and returns how many did.
func race(t *testing.T, service *assignment.Service, key assignment.Key, callers int) int64 {
	t.Helper()
	var created atomic.Int64
	var group sync.WaitGroup
	start := make(chan struct{})
	for range callers {
		group.Go(func() {
			<-start
			var sent atomic.Int64
			ctx := context.WithValue(t.Context(), ofOneCall{}, &sent)
			_, err := service.Create(ctx, assignment.CreateParams{Key: key})
			if n := sent.Load(); n < 1 || n > 8 {
				t.Errorf("one call took %d round trips", n)
			}
			if err == nil {
				created.Add(1)
			} else if !errors.Is(err, assignment.ErrActiveExists) {
				t.Error(err)
			}
		})
	}
	close(start)
	group.Wait()
	return created.Load()
}
