package memory_test

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/memory"
)

// benchmarkEach runs on an empty store and on one with a million completed
// assignments, which must make no difference.
func benchmarkEach(b *testing.B, bench func(b *testing.B, fx *fixture)) {
	b.Helper()
	for _, completed := range []int{0, 1_000_000} {
		b.Run(fmt.Sprintf("completed=%d", completed), func(b *testing.B) {
			fx := newFixture(b, completed)
			b.ReportAllocs()
			bench(b, fx)
		})
	}
}

// fixture is a store with a history and what a benchmark asks of it.
type fixture struct {
	store *memory.Store
	made  int
}

func newFixture(tb testing.TB, completed int) *fixture {
	tb.Helper()
	store := memory.New(nil)
	fx := &fixture{store: store}
	for range completed {
		a := fx.row()
		fx.create(tb, a)
		fx.complete(tb, a)
	}
	return fx
}

// row is what a service makes of a request: each a microsecond later than the
// one before, on a key of its own.
func (fx *fixture) row() assignment.Assignment {
	fx.made++
	n := strconv.Itoa(fx.made)
	at := time.Date(2026, 3, 1, 9, 30, 0, 0, time.UTC).Add(time.Duration(fx.made) * time.Microsecond)
	return assignment.Assignment{
		ID:     assignment.ID("0199c1d2-7a61-7c3f-9c55-" + n),
		Key:    assignment.Key{AssigneeID: "assignee-" + n, SubjectID: "subject"},
		Status: assignment.StatusPending, CreatedAt: at, UpdatedAt: at, Version: 1,
	}
}

func (fx *fixture) create(tb testing.TB, a assignment.Assignment) {
	tb.Helper()
	if _, err := fx.store.Create(tb.Context(), a); err != nil {
		tb.Fatal(err)
	}
}

func (fx *fixture) complete(tb testing.TB, a assignment.Assignment) {
	tb.Helper()
	if _, err := fx.store.Update(tb.Context(), a.ID, completion(a)); err != nil {
		tb.Fatal(err)
	}
}

func completion(a assignment.Assignment) assignment.Change {
	return assignment.Change{To: assignment.StatusCompleted, At: a.UpdatedAt.Add(time.Second)}
}

// supply is how many rows are made ahead while the timer of the benchmark is
// stopped: a multiple of the batches.
const supply = 8_000

// each calls step for the next few new rows, which the store has already if
// stored is true. What was used up is completed, so that only the history grows.
func (fx *fixture) each(b *testing.B, n int, stored bool, step func(rows []assignment.Assignment) error) {
	b.Helper()
	var rows []assignment.Assignment
	next := 0
	for b.Loop() {
		if next == len(rows) {
			b.StopTimer()
			rows, next = fx.refill(b, rows, stored), 0
			b.StartTimer()
		}
		if err := step(rows[next : next+n]); err != nil {
			b.Fatal(err)
		}
		next += n
	}
}

func (fx *fixture) refill(b *testing.B, used []assignment.Assignment, stored bool) []assignment.Assignment {
	b.Helper()
	for _, a := range used {
		fx.complete(b, a)
	}
	rows := make([]assignment.Assignment, supply)
	for i := range rows {
		rows[i] = fx.row()
		if stored {
			fx.create(b, rows[i])
		}
	}
	return rows
}

func BenchmarkCreate(b *testing.B) {
	benchmarkEach(b, func(b *testing.B, fx *fixture) {
		b.Helper()
		fx.each(b, 1, false, func(rows []assignment.Assignment) error {
			_, err := fx.store.Create(b.Context(), rows[0])
			return err
		})
	})
}

func BenchmarkCreateConflict(b *testing.B) {
	benchmarkEach(b, func(b *testing.B, fx *fixture) {
		holder, competitor := fx.row(), fx.row()
		fx.create(b, holder)
		competitor.Key = holder.Key
		for b.Loop() {
			if _, err := fx.store.Create(b.Context(), competitor); err == nil {
				b.Fatal("a taken slot was taken again")
			}
		}
	})
}

func BenchmarkCreateReplay(b *testing.B) {
	benchmarkEach(b, func(b *testing.B, fx *fixture) {
		row := fx.row()
		fx.create(b, row)
		for b.Loop() {
			fx.create(b, row)
		}
	})
}

// BenchmarkCreateMany counts a batch of 1,000 as one operation.
func BenchmarkCreateMany(b *testing.B) {
	benchmarkEach(b, func(b *testing.B, fx *fixture) {
		b.Helper()
		fx.each(b, 1000, false, func(rows []assignment.Assignment) error {
			_, err := fx.store.CreateMany(b.Context(), rows, assignment.BatchOptions{})
			return err
		})
	})
}

func BenchmarkComplete(b *testing.B) {
	benchmarkEach(b, func(b *testing.B, fx *fixture) {
		b.Helper()
		fx.each(b, 1, true, func(rows []assignment.Assignment) error {
			_, err := fx.store.Update(b.Context(), rows[0].ID, completion(rows[0]))
			return err
		})
	})
}

func BenchmarkFindActive(b *testing.B) {
	benchmarkEach(b, func(b *testing.B, fx *fixture) {
		holder := fx.row()
		fx.create(b, holder)
		for b.Loop() {
			if _, err := fx.store.FindActive(b.Context(), holder.Key); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkListPage(b *testing.B) {
	const limit = 100
	benchmarkEach(b, func(b *testing.B, fx *fixture) {
		first := fx.row()
		fx.create(b, first)
		for range limit {
			fx.create(b, fx.row())
		}
		q := assignment.Query{After: first.Cursor(), Limit: limit}
		for b.Loop() {
			page, err := fx.store.List(b.Context(), q)
			if err != nil || len(page) != limit {
				b.Fatalf("got %d rows and %v", len(page), err)
			}
		}
	})
}
