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
			return partner.post(t, "/api/external/assignments", body, keyOfRetries, key)
		}

		t.Run("a_retry_is_answered_with_the_first_201", func(t *testing.T) {
			first := post(t, wish("ana", "intake"), "k-1").want(t, http.StatusCreated)
			again := post(t, wish("ana", "intake"), "k-1").want(t, http.StatusCreated)
			sameAnswer(t, first, again)
			if n := len(a.list(t, "?user_id=ana").Assignments); n != 1 {
				t.Errorf("there are %d assignments", n)
			}
		})

		t.Run("also_after_it_was_completed", func(t *testing.T) {
			first := post(t, wish("bea", "intake"), "k-2").want(t, http.StatusCreated)
			a.patch(t, first.assignment(t).ID, "completed").want(t, http.StatusOK)
			again := post(t, wish("bea", "intake"), "k-2").want(t, http.StatusCreated)
			sameAnswer(t, first, again)
			if n := len(a.list(t, "?user_id=bea").Assignments); n != 1 {
				t.Errorf("there are %d assignments", n)
			}
		})

		t.Run("also_after_another_took_the_slot", func(t *testing.T) {
			first := post(t, wish("cleo", "intake"), "k-3").want(t, http.StatusCreated)
			a.patch(t, first.assignment(t).ID, "completed").want(t, http.StatusOK)
			a.create(t, "cleo", "intake")
			again := post(t, wish("cleo", "intake"), "k-3").want(t, http.StatusCreated)
			sameAnswer(t, first, again)
		})

		t.Run("a_new_key_is_a_new_request", func(t *testing.T) {
			post(t, wish("dora", "intake"), "k-4").want(t, http.StatusCreated)
			post(t, wish("dora", "intake"), "k-5").wantError(t, http.StatusConflict, "CONFLICT")
		})

		t.Run("a_conflict_is_not_remembered", func(t *testing.T) {
			holder := a.create(t, "eve", "intake")
			post(t, wish("eve", "intake"), "k-6").wantError(t, http.StatusConflict, "CONFLICT")
			a.patch(t, holder.ID, "cancelled").want(t, http.StatusOK)
			post(t, wish("eve", "intake"), "k-6").want(t, http.StatusCreated)
		})

		t.Run("the_same_key_with_another_body_is_422", func(t *testing.T) {
			post(t, wish("fay", "intake"), "k-7").want(t, http.StatusCreated)
			for _, body := range []string{
				wish("fay", "follow-up"),
				wish("gus", "intake"),
				`{"user_id":"fay","scenario_id":"intake","due_date":"2030-01-31T12:00:00Z"}`,
			} {
				got := post(t, body, "k-7").wantError(t, http.StatusUnprocessableEntity, "IDEMPOTENCY_KEY_REUSED")
				if got.Field != keyOfRetries {
					t.Errorf("field: %q", got.Field)
				}
			}
		})

		t.Run("the_same_due_date_written_otherwise_is_the_same_body", func(t *testing.T) {
			first := post(t, `{"user_id":"hal","scenario_id":"intake","due_date":"2030-01-31T12:00:00Z"}`, "k-8").want(t, http.StatusCreated)
			again := post(t, `{"due_date":"2030-01-31T14:00:00+02:00","user_id":"hal","scenario_id":"intake"}`, "k-8").want(t, http.StatusCreated)
			sameAnswer(t, first, again)
		})

		t.Run("the_two_sides_do_not_share_keys", func(t *testing.T) {
			post(t, wish("ida", "intake"), "k-9").want(t, http.StatusCreated)
			a.post(t, "/api/assignments", wish("jo", "intake"), keyOfRetries, "k-9").want(t, http.StatusCreated)
		})

		t.Run("quotes_make_no_difference", func(t *testing.T) {
			first := post(t, wish("kim", "intake"), "k-10").want(t, http.StatusCreated)
			sameAnswer(t, first, post(t, wish("kim", "intake"), `"k-10"`).want(t, http.StatusCreated))
		})
	})
}

// deaf is a store that does what it is told and then loses the reply.
type deaf struct {
	assignment.Store
	lost *atomic.Int32
}

func (d deaf) Create(ctx context.Context, a assignment.Assignment) (assignment.Result, error) {
	result, err := d.Store.Create(ctx, a)
	if d.lost.Add(-1) >= 0 {
		return assignment.Result{}, &assignment.UnknownOutcomeError{ID: a.ID, Err: io.ErrUnexpectedEOF}
	}
	return result, err
}

func (d deaf) Update(ctx context.Context, id assignment.ID, c assignment.Change) (assignment.Assignment, error) {
	a, err := d.Store.Update(ctx, id, c)
	if d.lost.Add(-1) >= 0 {
		return assignment.Assignment{}, &assignment.UnknownOutcomeError{ID: id, Err: io.ErrUnexpectedEOF}
	}
	return a, err
}

func TestUnknownOutcome(t *testing.T) {
	var lost atomic.Int32
	a := serveStore(t, deaf{Store: open(t, ""), lost: &lost}, t.Output())

	t.Run("a_retry_with_the_same_key_settles_it", func(t *testing.T) {
		lost.Store(1)
		unknown := a.post(t, "/api/assignments", wish("ana", "intake"), keyOfRetries, "k-1").
			wantError(t, http.StatusServiceUnavailable, "UNKNOWN_OUTCOME")
		settled := a.post(t, "/api/assignments", wish("ana", "intake"), keyOfRetries, "k-1").want(t, http.StatusCreated)
		if settled.assignment(t).ID != unknown.AssignmentID {
			t.Errorf("unknown %s, settled %s", unknown.AssignmentID, settled.body)
		}
	})

	t.Run("without_a_key_a_conflict_with_the_same_ID_is_ones_own_success", func(t *testing.T) {
		lost.Store(1)
		unknown := a.post(t, "/api/assignments", wish("bea", "intake")).
			wantError(t, http.StatusServiceUnavailable, "UNKNOWN_OUTCOME")
		conflict := a.post(t, "/api/assignments", wish("bea", "intake")).wantError(t, http.StatusConflict, "CONFLICT")
		if unknown.AssignmentID == "" || conflict.AssignmentID != unknown.AssignmentID {
			t.Errorf("unknown %s, conflict with %s", unknown.AssignmentID, conflict.AssignmentID)
		}
	})

	t.Run("of_a_change_is_settled_by_repeating_it_without_If-Match", func(t *testing.T) {
		made := a.create(t, "cleo", "intake")
		lost.Store(1)
		a.patch(t, made.ID, "completed", "If-Match", `"1"`).wantError(t, http.StatusServiceUnavailable, "UNKNOWN_OUTCOME")
		a.patch(t, made.ID, "completed", "If-Match", `"1"`).wantError(t, http.StatusPreconditionFailed, "STALE")
		got := a.patch(t, made.ID, "completed").want(t, http.StatusOK).assignment(t)
		if got.Status != "completed" || got.Version != 2 {
			t.Errorf("got %+v", got)
		}
	})

	t.Run("of_a_bulk_request_is_settled_item_by_item", func(t *testing.T) {
		items := []string{wish("dora", "intake"), wish("eve", "intake")}
		lost.Store(1)
		_, first := a.bulk(t, items, keyOfRetries, "b-1")
		_, again := a.bulk(t, items, keyOfRetries, "b-1")
		if first[0].Status != 503 || first[1].Status != 201 || again[0].Status != 201 || again[1].Status != 201 {
			t.Fatalf("first %+v\nagain %+v", first, again)
		}
		if first[0].Error.AssignmentID != again[0].Assignment.ID || first[1].Assignment.ID != again[1].Assignment.ID {
			t.Errorf("first %+v\nagain %+v", first, again)
		}
	})
}

func TestIdempotencyKeyRefuses(t *testing.T) {
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
			a.post(t, "/api/assignments", wish("u", "s"), keyOfRetries, key).wantInvalid(t, keyOfRetries)
		})
	}

	t.Run("given_twice", func(t *testing.T) {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, a.url+"/api/assignments", strings.NewReader(wish("u", "s")))
		if err != nil {
			t.Fatal(err)
		}
		req.Header = http.Header{keyHeader: {internalKey}, "Content-Type": {"application/json"}, keyOfRetries: {"a", "b"}}
		got, err := send(req)
		if err != nil {
			t.Fatal(err)
		}
		got.wantInvalid(t, keyOfRetries)
	})

	t.Run("the_longest_is_accepted", func(t *testing.T) {
		a.post(t, "/api/assignments", wish("u", "s"), keyOfRetries, strings.Repeat("k", maxIdempotencyKey)).want(t, http.StatusCreated)
	})
}

// sameAnswer compares what a client can tell two answers apart by.
func sameAnswer(t *testing.T, first, again reply) {
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
