package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/assignment-go/assignment"
)

func TestIdempotencyKey(t *testing.T) {
	onEachStore(t, func(t *testing.T, a api) {
		partner := a.external()
		post := func(t *testing.T, body, key string) reply {
			t.Helper()
			return partner.post(t, "/api/external/assignments", body, idempotencyHeader, key)
		}

		t.Run("a_retry_gets_the_first_201", func(t *testing.T) {
			first := post(t, createBody("ana", "intake"), "k-1").want(t, http.StatusCreated)
			again := post(t, createBody("ana", "intake"), "k-1").want(t, http.StatusCreated)
			sameResponse(t, first, again)
			if n := len(a.list(t, "?user_id=ana").Assignments); n != 1 {
				t.Errorf("there are %d assignments", n)
			}
		})

		t.Run("also_after_it_was_completed", func(t *testing.T) {
			first := post(t, createBody("bea", "intake"), "k-2").want(t, http.StatusCreated)
			a.patch(t, first.assignment(t).ID, "completed").want(t, http.StatusOK)
			again := post(t, createBody("bea", "intake"), "k-2").want(t, http.StatusCreated)
			sameResponse(t, first, again)
			if n := len(a.list(t, "?user_id=bea").Assignments); n != 1 {
				t.Errorf("there are %d assignments", n)
			}
		})

		t.Run("also_after_another_took_the_slot", func(t *testing.T) {
			first := post(t, createBody("cleo", "intake"), "k-3").want(t, http.StatusCreated)
			a.patch(t, first.assignment(t).ID, "completed").want(t, http.StatusOK)
			a.create(t, "cleo", "intake")
			again := post(t, createBody("cleo", "intake"), "k-3").want(t, http.StatusCreated)
			sameResponse(t, first, again)
		})

		t.Run("a_new_key_is_a_new_request", func(t *testing.T) {
			post(t, createBody("dora", "intake"), "k-4").want(t, http.StatusCreated)
			post(t, createBody("dora", "intake"), "k-5").wantError(t, http.StatusConflict, "CONFLICT")
		})

		t.Run("a_conflict_is_not_stored", func(t *testing.T) {
			holder := a.create(t, "eve", "intake")
			post(t, createBody("eve", "intake"), "k-6").wantError(t, http.StatusConflict, "CONFLICT")
			a.patch(t, holder.ID, "cancelled").want(t, http.StatusOK)
			post(t, createBody("eve", "intake"), "k-6").want(t, http.StatusCreated)
		})

		t.Run("the_same_key_with_another_body_is_422", func(t *testing.T) {
			post(t, createBody("fay", "intake"), "k-7").want(t, http.StatusCreated)
			for _, body := range []string{
				createBody("fay", "follow-up"),
				createBody("gus", "intake"),
				`{"user_id":"fay","scenario_id":"intake","due_date":"2030-01-31T12:00:00Z"}`,
			} {
				got := post(t, body, "k-7").wantError(t, http.StatusUnprocessableEntity, "IDEMPOTENCY_KEY_REUSED")
				if got.Field != idempotencyHeader {
					t.Errorf("field: %q", got.Field)
				}
			}
		})

		t.Run("the_same_due_date_written_otherwise_is_the_same_body", func(t *testing.T) {
			first := post(t, `{"user_id":"hal","scenario_id":"intake","due_date":"2030-01-31T12:00:00Z"}`, "k-8").want(t, http.StatusCreated)
			again := post(t, `{"due_date":"2030-01-31T14:00:00+02:00","user_id":"hal","scenario_id":"intake"}`, "k-8").want(t, http.StatusCreated)
			sameResponse(t, first, again)
		})

		t.Run("the_two_sides_do_not_share_keys", func(t *testing.T) {
			post(t, createBody("ida", "intake"), "k-9").want(t, http.StatusCreated)
			a.post(t, "/api/assignments", createBody("jo", "intake"), idempotencyHeader, "k-9").want(t, http.StatusCreated)
		})

		t.Run("quotes_make_no_difference", func(t *testing.T) {
			first := post(t, createBody("kim", "intake"), "k-10").want(t, http.StatusCreated)
			sameResponse(t, first, post(t, createBody("kim", "intake"), `"k-10"`).want(t, http.StatusCreated))
		})
	})
}

// lossyStore is a store that carries out a call and then loses the reply.
type lossyStore struct {
	assignment.Store
	lost *atomic.Int32
}

func (d lossyStore) Create(ctx context.Context, a assignment.Assignment) (assignment.Result, error) {
	result, err := d.Store.Create(ctx, a)
	if d.lost.Add(-1) >= 0 {
		return assignment.Result{}, &assignment.UnknownOutcomeError{ID: a.ID, Err: io.ErrUnexpectedEOF}
	}
	return result, err
}

func (d lossyStore) Update(ctx context.Context, id assignment.ID, c assignment.Change) (assignment.Assignment, error) {
	a, err := d.Store.Update(ctx, id, c)
	if d.lost.Add(-1) >= 0 {
		return assignment.Assignment{}, &assignment.UnknownOutcomeError{ID: id, Err: io.ErrUnexpectedEOF}
	}
	return a, err
}

func TestUnknownOutcome(t *testing.T) {
	var lost atomic.Int32
	a := serveStore(t, lossyStore{Store: open(t, ""), lost: &lost}, t.Output())

	t.Run("a_retry_with_the_same_key_resolves_it", func(t *testing.T) {
		lost.Store(1)
		unknown := a.post(t, "/api/assignments", createBody("ana", "intake"), idempotencyHeader, "k-1").
			wantError(t, http.StatusServiceUnavailable, "UNKNOWN_OUTCOME")
		resolved := a.post(t, "/api/assignments", createBody("ana", "intake"), idempotencyHeader, "k-1").want(t, http.StatusCreated)
		if resolved.assignment(t).ID != unknown.AssignmentID {
			t.Errorf("unknown %s, resolved %s", unknown.AssignmentID, resolved.body)
		}
	})

	t.Run("without_a_key_a_conflict_with_the_same_ID_means_success", func(t *testing.T) {
		lost.Store(1)
		unknown := a.post(t, "/api/assignments", createBody("bea", "intake")).
			wantError(t, http.StatusServiceUnavailable, "UNKNOWN_OUTCOME")
		conflict := a.post(t, "/api/assignments", createBody("bea", "intake")).wantError(t, http.StatusConflict, "CONFLICT")
		if unknown.AssignmentID == "" || conflict.AssignmentID != unknown.AssignmentID {
			t.Errorf("unknown %s, conflict with %s", unknown.AssignmentID, conflict.AssignmentID)
		}
	})

	t.Run("of_a_change_is_resolved_by_repeating_it_without_If-Match", func(t *testing.T) {
		made := a.create(t, "cleo", "intake")
		lost.Store(1)
		a.patch(t, made.ID, "completed", "If-Match", `"1"`).wantError(t, http.StatusServiceUnavailable, "UNKNOWN_OUTCOME")
		a.patch(t, made.ID, "completed", "If-Match", `"1"`).wantError(t, http.StatusPreconditionFailed, "STALE")
		got := a.patch(t, made.ID, "completed").want(t, http.StatusOK).assignment(t)
		if got.Status != "completed" || got.Version != 2 {
			t.Errorf("got %+v", got)
		}
	})

	t.Run("of_a_bulk_request_is_resolved_item_by_item", func(t *testing.T) {
		items := []string{createBody("dora", "intake"), createBody("eve", "intake")}
		lost.Store(1)
		_, first := a.bulk(t, items, idempotencyHeader, "b-1")
		_, again := a.bulk(t, items, idempotencyHeader, "b-1")
		if first[0].Status != 503 || first[1].Status != 201 || again[0].Status != 201 || again[1].Status != 201 {
			t.Fatalf("first %+v\nagain %+v", first, again)
		}
		if first[0].Error.AssignmentID != again[0].Assignment.ID || first[1].Assignment.ID != again[1].Assignment.ID {
			t.Errorf("first %+v\nagain %+v", first, again)
		}
	})
}

func TestIdempotencyKeyRejects(t *testing.T) {
	a := newMemory(t)
	for name, key := range map[string]string{
		"empty":           "",
		"empty_quotes":    `""`,
		"open_quote":      `"k`,
		"single_quote":    `"`,
		"inner_quote":     `k"k`,
		"inner_escape":    `"k\"k"`,
		"not_ASCII":       "ké",
		"tab":             "k\tk",
		"longer_than_255": strings.Repeat("k", maxIdempotencyKey+1),
	} {
		t.Run(name, func(t *testing.T) {
			a.post(t, "/api/assignments", createBody("u", "s"), idempotencyHeader, key).wantInvalid(t, idempotencyHeader)
		})
	}

	t.Run("given_twice", func(t *testing.T) {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, a.url+"/api/assignments", strings.NewReader(createBody("u", "s")))
		if err != nil {
			t.Fatal(err)
		}
		req.Header = http.Header{keyHeader: {internalKey}, "Content-Type": {"application/json"}, idempotencyHeader: {"a", "b"}}
		got, err := send(req)
		if err != nil {
			t.Fatal(err)
		}
		got.wantInvalid(t, idempotencyHeader)
	})

	t.Run("the_longest_is_accepted", func(t *testing.T) {
		a.post(t, "/api/assignments", createBody("u", "s"), idempotencyHeader, strings.Repeat("k", maxIdempotencyKey)).want(t, http.StatusCreated)
	})
}

// sameResponse compares what a client can see of two responses.
func sameResponse(t *testing.T, first, again reply) {
	t.Helper()
	if first.status != again.status || !bytes.Equal(first.body, again.body) {
		t.Errorf("first: %d %s\nagain: %d %s", first.status, first.body, again.status, again.body)
	}
	for _, name := range []string{"Location", "ETag"} {
		if first.header.Get(name) != again.header.Get(name) {
			t.Errorf("%s: first %q, again %q", name, first.header.Get(name), again.header.Get(name))
		}
	}
}
