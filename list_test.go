package assignment_test

import (
	"context"
	"errors"
	"strconv"
	"testing"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/memory"
)

func TestList(t *testing.T) {
	const rows = 1203 // more than two pages
	service := newService(t)
	for i := range rows {
		mustCreate(t, service, assignment.Key{AssigneeID: strconv.Itoa(i), SubjectID: "s"})
	}

	t.Run("yields_every_page_once_and_in_order", func(t *testing.T) {
		wantRows(t, collect(t, service, assignment.Query{}), rows)
	})
	t.Run("limit_bounds_the_whole", func(t *testing.T) {
		for _, limit := range []int{1, 499, 500, 501, 1000, rows, rows + 1} {
			wantRows(t, collect(t, service, assignment.Query{Limit: limit}), min(limit, rows))
		}
	})
	t.Run("sequence_can_be_ranged_over_again", func(t *testing.T) {
		all := service.List(t.Context(), assignment.Query{Limit: 700})
		for range 2 {
			n := 0
			for _, err := range all {
				if err != nil {
					t.Fatal(err)
				}
				n++
			}
			if n != 700 {
				t.Fatalf("yielded %d rows, want 700", n)
			}
		}
	})
	t.Run("breaking_off_reads_no_further_page", func(t *testing.T) {
		counting := &countingStore{Store: mustMemory(t)}
		service := serviceOn(t, counting)
		for i := range 600 {
			mustCreate(t, service, assignment.Key{AssigneeID: strconv.Itoa(i), SubjectID: "s"})
		}
		for range service.List(t.Context(), assignment.Query{}) {
			break
		}
		if counting.lists != 1 {
			t.Fatalf("read %d pages, want 1", counting.lists)
		}
	})
	t.Run("error_ends_the_sequence", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		n := 0
		for a, err := range service.List(ctx, assignment.Query{}) {
			n++
			if n <= 500 {
				cancel()
				continue
			}
			if !errors.Is(err, context.Canceled) || a.ID != "" {
				t.Fatalf("after the first page: got %v and %v, want the context's error alone", a, err)
			}
		}
		if n != 501 {
			t.Fatalf("yielded %d times, want one page and the error", n)
		}
	})
	t.Run("invalid_query_yields_its_error", func(t *testing.T) {
		for _, err := range service.List(t.Context(), assignment.Query{Limit: -1}) {
			wantInvalid(t, err, "Query.Limit")
		}
	})
	t.Run("count_ignores_cursor_and_limit", func(t *testing.T) {
		first := collect(t, service, assignment.Query{Limit: 1})[0]
		n, err := service.Count(t.Context(), assignment.Query{After: first.Cursor(), Limit: 3})
		if err != nil || n != rows {
			t.Fatalf("got %d and %v, want %d", n, err, rows)
		}
	})
}

// countingStore counts the pages that were read.
type countingStore struct {
	assignment.Store
	lists int
}

func (s *countingStore) List(ctx context.Context, q assignment.Query) ([]assignment.Assignment, error) {
	s.lists++
	return s.Store.List(ctx, q)
}

func wantRows(t *testing.T, rows []assignment.Assignment, want int) {
	t.Helper()
	if len(rows) != want {
		t.Fatalf("got %d rows, want %d", len(rows), want)
	}
	for i := 1; i < len(rows); i++ {
		if rows[i-1].Cursor().Compare(rows[i].Cursor()) >= 0 {
			t.Fatalf("row %d is not behind row %d", i, i-1)
		}
	}
}

func collect(t *testing.T, service *assignment.Service, q assignment.Query) []assignment.Assignment {
	t.Helper()
	var rows []assignment.Assignment
	for a, err := range service.List(t.Context(), q) {
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, a)
	}
	return rows
}

func mustMemory(t *testing.T) *memory.Store {
	t.Helper()
	store := memory.New(nil)
	return store
}

func newService(t *testing.T) *assignment.Service {
	t.Helper()
	return serviceOn(t, mustMemory(t))
}

func serviceOn(tb testing.TB, store assignment.Store) *assignment.Service {
	tb.Helper()
	service, err := assignment.NewService(store, nil)
	if err != nil {
		tb.Fatal(err)
	}
	return service
}

func mustCreate(t *testing.T, service *assignment.Service, k assignment.Key) assignment.Assignment {
	t.Helper()
	a, err := service.Create(t.Context(), assignment.CreateParams{Key: k})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func wantInvalid(t *testing.T, err error, field string) {
	t.Helper()
	invalid, ok := errors.AsType[*assignment.InvalidError](err)
	if !ok || invalid.Field != field || !errors.Is(err, assignment.ErrInvalid) {
		t.Errorf("got %v, want an InvalidError about %s", err, field)
	}
}
