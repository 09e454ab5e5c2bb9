package main

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/assignment-go/assignment"
)

const conflictMessage = "Active assignment already exists for this counselor and scenario"

func TestCreate(t *testing.T) {
	onEachStore(t, func(t *testing.T, a api) {
		t.Run("external_returns_the_assignment", func(t *testing.T) {
			got := a.external().post(t, "/api/external/assignments",
				`{"user_id":"ana","scenario_id":"intake","due_date":"2030-01-31T12:00:00+02:00"}`).want(t, http.StatusCreated)
			made := got.assignment(t)
			if made.UserID != "ana" || made.ScenarioID != "intake" || made.Status != "pending" || made.Version != 1 {
				t.Errorf("assignment: %s", got.body)
			}
			if want := time.Date(2030, 1, 31, 10, 0, 0, 0, time.UTC); !made.DueDate.Equal(want) {
				t.Errorf("due_date: got %v, want %v", made.DueDate, want)
			}
			if want := "/api/assignments/" + string(made.ID); got.header.Get("Location") != want {
				t.Errorf("Location: got %q, want %q", got.header.Get("Location"), want)
			}
			read := a.do(t, http.MethodGet, got.header.Get("Location"), "").want(t, http.StatusOK)
			if !bytes.Equal(read.body, got.body) {
				t.Errorf("read back: %s\ncreated: %s", read.body, got.body)
			}
		})

		t.Run("internal_stores_the_assigner_and_the_account", func(t *testing.T) {
			made := a.post(t, "/api/assignments",
				`{"user_id":"bea","scenario_id":"intake","assigned_by":"boss","account_id":"acme"}`).
				want(t, http.StatusCreated).assignment(t)
			if made.AssignedBy != "boss" || made.AccountID != "acme" || !made.DueDate.IsZero() {
				t.Errorf("assignment: %+v", made)
			}
		})

		t.Run("a_taken_slot_is_a_conflict_with_its_holder_on_both_sides", func(t *testing.T) {
			holder := a.create(t, "cleo", "intake")
			outer := a.external().post(t, "/api/external/assignments", createBody("cleo", "intake"))
			inner := a.post(t, "/api/assignments", createBody("cleo", "intake"))
			got := outer.wantError(t, http.StatusConflict, "CONFLICT")
			if got.AssignmentID != holder.ID || got.Message != conflictMessage || got.Field != "" {
				t.Errorf("conflict: %s", outer.body)
			}
			if !bytes.Equal(outer.body, inner.body) {
				t.Errorf("external: %s\ninternal: %s", outer.body, inner.body)
			}
		})

		t.Run("a_completed_assignment_frees_the_slot", func(t *testing.T) {
			first := a.create(t, "dora", "intake")
			a.patch(t, first.ID, "completed").want(t, http.StatusOK)
			if second := a.create(t, "dora", "intake"); second.ID == first.ID {
				t.Error("the completed assignment came back")
			}
		})

		t.Run("names_are_compared_bytewise", func(t *testing.T) {
			for _, user := range []string{"e/f", "e%2Ff", "E/F", "e/f ", "\u00e9", "e\u0301"} {
				a.create(t, user, "intake")
			}
		})
	})
}

func TestCreateRejects(t *testing.T) {
	a := newMemory(t)
	long := strings.Repeat("x", assignment.MaxKeyBytes+1)
	cases := []struct{ name, body, field string }{
		{"no_user", `{"scenario_id":"s"}`, "user_id"},
		{"empty_user", `{"user_id":"","scenario_id":"s"}`, "user_id"},
		{"user_that_is_null", `{"user_id":null,"scenario_id":"s"}`, "user_id"},
		{"user_that_is_a_number", `{"user_id":7,"scenario_id":"s"}`, "user_id"},
		{"user_too_long", createBody(long, "s"), "user_id"},
		{"user_with_NUL", createBody(`a\u0000b`, "s"), "user_id"},
		{"user_of_broken_UTF-8", createBody("a\xffb", "s"), "user_id"},
		{"user_with_half_a_surrogate_pair", createBody(`a\ud800b`, "s"), "user_id"},
		{"no_scenario", `{"user_id":"u"}`, "scenario_id"},
		{"scenario_too_long", createBody("u", long), "scenario_id"},
		{"due_date_without_a_zone", `{"user_id":"u","scenario_id":"s","due_date":"2030-01-31T12:00:00"}`, "due_date"},
		{"due_date_that_is_empty", `{"user_id":"u","scenario_id":"s","due_date":""}`, "due_date"},
		{"due_date_that_is_a_number", `{"user_id":"u","scenario_id":"s","due_date":1}`, "due_date"},
		{"due_date_that_would_read_as_none", `{"user_id":"u","scenario_id":"s","due_date":"0001-01-01T00:00:00Z"}`, "due_date"},
		{"due_date_after_the_year_9999_in_UTC", `{"user_id":"u","scenario_id":"s","due_date":"9999-12-31T23:00:00-02:00"}`, "due_date"},
		{"account_too_long", `{"user_id":"u","scenario_id":"s","account_id":"` + long + `"}`, "account_id"},
		{"assigner_of_broken_UTF-8", `{"user_id":"u","scenario_id":"s","assigned_by":"` + "\xff" + `"}`, "assigned_by"},
		{"unknown_member", `{"user_id":"u","scenario_id":"s","userid":"v"}`, "userid"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			a.post(t, "/api/assignments", c.body).wantInvalid(t, c.field)
		})
	}

	t.Run("members_of_the_internal_side", func(t *testing.T) {
		a.external().post(t, "/api/external/assignments",
			`{"user_id":"u","scenario_id":"s","assigned_by":"me"}`).wantInvalid(t, "assigned_by")
	})

	t.Run("nothing_was_written", func(t *testing.T) {
		if got := a.list(t, ""); len(got.Assignments) != 0 {
			t.Errorf("there are %d assignments", len(got.Assignments))
		}
	})
}
