package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

const bulkPath = "/api/assignments/bulk"

// bulk sends the items and wants a result for each.
func (a api) bulk(t *testing.T, items []string, headers ...string) (reply, []bulkResult) {
	t.Helper()
	got := a.post(t, bulkPath, `{"assignments":[`+strings.Join(items, ",")+`]}`, headers...).want(t, http.StatusMultiStatus)
	results := decode[bulkResponse](t, got.body).Results
	if len(results) != len(items) {
		t.Fatalf("%d results for %d items", len(results), len(items))
	}
	return got, results
}

func TestBulk(t *testing.T) {
	onEachStore(t, func(t *testing.T, a api) {
		t.Run("each_item_has_its_own_result_at_its_index", func(t *testing.T) {
			holder := a.create(t, "bea", "intake")
			_, got := a.bulk(t, []string{
				createBody("ana", "intake"),
				createBody("bea", "intake"),
				createBody("", "intake"),
				createBody("ana", "intake"),
				`{"user_id":"cleo","scenario_id":"intake","due":1}`,
				`7`,
				`{"user_id":"dora","scenario_id":"intake","assigned_by":"boss"}`,
			})
			for i, status := range []int{201, 409, 400, 409, 400, 400, 201} {
				if got[i].Status != status {
					t.Errorf("item %d: got %d, want %d", i, got[i].Status, status)
				}
			}
			if t.Failed() {
				return
			}
			if got[0].Assignment.UserID != "ana" || got[6].Assignment.AssignedBy != "boss" {
				t.Errorf("assignments: %+v, %+v", got[0].Assignment, got[6].Assignment)
			}
			if got[1].Error.AssignmentID != holder.ID || got[3].Error.AssignmentID != got[0].Assignment.ID {
				t.Errorf("holders: %+v, %+v", got[1].Error, got[3].Error)
			}
			for i, field := range map[int]string{2: "user_id", 4: "due", 5: "item"} {
				if got[i].Error.Field != field {
					t.Errorf("item %d: %+v, want the field %s", i, got[i].Error, field)
				}
			}
		})

		t.Run("an_item_fails_like_a_single_request", func(t *testing.T) {
			a.create(t, "eve", "intake")
			for _, item := range []string{createBody("eve", "intake"), createBody("", "intake"), `{"user":1}`, `{"user_id":"a","scenario_id":"s","USER_ID":"b"}`} {
				single := a.post(t, "/api/assignments", item)
				_, inBulk := a.bulk(t, []string{item})
				body, err := json.Marshal(failure{Error: inBulk[0].Error})
				if err != nil {
					t.Fatal(err)
				}
				if inBulk[0].Status != single.status || string(body)+"\n" != string(single.body) {
					t.Errorf("%s\nsingle: %d %s\nin bulk: %d %s", item, single.status, single.body, inBulk[0].Status, body)
				}
			}
		})

		t.Run("a_retry_gets_the_first_results", func(t *testing.T) {
			items := []string{createBody("fay", "intake"), createBody("fay", "intake"), createBody("gus", "intake")}
			first, results := a.bulk(t, items, idempotencyHeader, "b-1")
			a.patch(t, results[2].Assignment.ID, "completed").want(t, http.StatusOK)
			again, _ := a.bulk(t, items, idempotencyHeader, "b-1")
			if !bytes.Equal(first.body, again.body) {
				t.Errorf("first: %s\nagain: %s", first.body, again.body)
			}
		})

		t.Run("the_same_key_with_other_items_is_422_for_those", func(t *testing.T) {
			a.bulk(t, []string{createBody("hal", "intake"), createBody("ida", "intake")}, idempotencyHeader, "b-2")
			_, got := a.bulk(t, []string{createBody("hal", "intake"), createBody("jo", "intake")}, idempotencyHeader, "b-2")
			if got[0].Status != 201 || got[1].Status != 422 || got[1].Error.Type != "IDEMPOTENCY_KEY_REUSED" {
				t.Errorf("got %+v", got)
			}
		})

		t.Run("a_hundred_items_are_created", func(t *testing.T) { bulkOf(t, a, 100) })
	})

	t.Run("the_maximum_number_of_items_is_created", func(t *testing.T) { bulkOf(t, newMemory(t), maxBulkItems) })
}

// bulkOf creates that many assignments in one request.
func bulkOf(t *testing.T, a api, items int) {
	t.Helper()
	bodies := make([]string, items)
	for i := range bodies {
		bodies[i] = createBody(fmt.Sprintf("many-%d", i), "intake")
	}
	_, got := a.bulk(t, bodies)
	for i, result := range got {
		if result.Status != 201 || result.Assignment.UserID != fmt.Sprintf("many-%d", i) {
			t.Fatalf("item %d: %+v", i, result)
		}
	}
}

func TestBulkRejects(t *testing.T) {
	a := newMemory(t)
	for name, c := range map[string]struct{ body, field string }{
		"no_items":          {`{}`, "assignments"},
		"an_empty_list":     {`{"assignments":[]}`, "assignments"},
		"no_list":           {`{"assignments":{}}`, "assignments"},
		"too_many_items":    {`{"assignments":[1` + strings.Repeat(",1", maxBulkItems) + `]}`, "assignments"},
		"an_unknown_member": {`{"items":[]}`, "items"},
	} {
		t.Run(name, func(t *testing.T) {
			a.post(t, bulkPath, c.body).wantInvalid(t, c.field)
		})
	}
	t.Run("an_invalid_Idempotency-Key", func(t *testing.T) {
		a.post(t, bulkPath, `{"assignments":[1]}`, idempotencyHeader, `"`).wantInvalid(t, idempotencyHeader)
	})
}
