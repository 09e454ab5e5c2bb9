package main

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
)

func TestGet(t *testing.T) {
	onEachStore(t, func(t *testing.T, a api) {
		t.Run("returns_the_assignment_with_its_version_as_ETag", func(t *testing.T) {
			made := a.create(t, "ana", "intake")
			a.patch(t, made.ID, "in_progress").want(t, http.StatusOK)
			got := a.do(t, http.MethodGet, "/api/assignments/"+string(made.ID), "").want(t, http.StatusOK)
			if one := got.assignment(t); one.ID != made.ID || one.Status != "in_progress" || got.header.Get("ETag") != `"2"` {
				t.Errorf("ETag %s: %s", got.header.Get("ETag"), got.body)
			}
		})
		t.Run("of_an_unknown_ID_is_404", func(t *testing.T) {
			a.do(t, http.MethodGet, "/api/assignments/nobody", "").wantError(t, http.StatusNotFound, "NOT_FOUND")
		})
		t.Run("of_an_invalid_ID_is_400", func(t *testing.T) {
			a.do(t, http.MethodGet, "/api/assignments/"+strings.Repeat("x", 256), "").wantInvalid(t, "id")
			a.do(t, http.MethodGet, "/api/assignments/a%00b", "").wantInvalid(t, "id")
		})
	})
}

func TestPatch(t *testing.T) {
	onEachStore(t, func(t *testing.T, a api) {
		t.Run("changes_the_status_and_raises_the_version", func(t *testing.T) {
			made := a.create(t, "ana", "intake")
			got := a.patch(t, made.ID, "completed").want(t, http.StatusOK)
			one := got.assignment(t)
			if one.Status != "completed" || one.Version != 2 || one.CompletedAt.IsZero() || got.header.Get("ETag") != `"2"` {
				t.Errorf("ETag %s: %s", got.header.Get("ETag"), got.body)
			}
		})

		t.Run("to_the_same_status_changes_nothing", func(t *testing.T) {
			made := a.create(t, "bea", "intake")
			first := a.patch(t, made.ID, "completed").want(t, http.StatusOK)
			again := a.patch(t, made.ID, "completed").want(t, http.StatusOK)
			if !bytes.Equal(first.body, again.body) {
				t.Errorf("first: %s\nagain: %s", first.body, again.body)
			}
		})

		t.Run("that_the_lifecycle_forbids_is_422", func(t *testing.T) {
			made := a.create(t, "cleo", "intake")
			a.patch(t, made.ID, "completed").want(t, http.StatusOK)
			got := a.patch(t, made.ID, "in_progress").wantError(t, http.StatusUnprocessableEntity, "TRANSITION")
			if got.Message != "The assignment is completed and can't become in_progress" || got.AssignmentID != made.ID {
				t.Errorf("error: %+v", got)
			}
		})

		t.Run("back_to_pending_competes_for_the_slot", func(t *testing.T) {
			first := a.create(t, "dora", "intake")
			a.patch(t, first.ID, "completed").want(t, http.StatusOK)
			holder := a.create(t, "dora", "intake")
			reopened := a.patch(t, first.ID, "pending")
			if got := reopened.wantError(t, http.StatusConflict, "CONFLICT"); got.AssignmentID != holder.ID {
				t.Errorf("holder: got %s, want %s", got.AssignmentID, holder.ID)
			}
			created := a.post(t, "/api/assignments", createBody("dora", "intake"))
			if !bytes.Equal(reopened.body, created.body) {
				t.Errorf("reopen: %s\ncreate: %s", reopened.body, created.body)
			}
		})

		t.Run("of_an_unknown_ID_is_404", func(t *testing.T) {
			for _, headers := range [][]string{nil, {"If-Match", `"1"`}, {"If-Match", `"other"`}, {"If-Match", "*"}} {
				a.patch(t, "nobody", "completed", headers...).wantError(t, http.StatusNotFound, "NOT_FOUND")
			}
		})

		t.Run("to_no_status_of_the_lifecycle_is_400", func(t *testing.T) {
			made := a.create(t, "eve", "intake")
			a.patch(t, made.ID, "Completed").wantInvalid(t, "status")
			a.patch(t, made.ID, "").wantInvalid(t, "status")
		})
	})
}

func TestIfMatch(t *testing.T) {
	onEachStore(t, func(t *testing.T, a api) {
		// second returns an assignment with version 2.
		second := func(t *testing.T) resource {
			t.Helper()
			made := a.create(t, t.Name(), "intake")
			return a.patch(t, made.ID, "in_progress").want(t, http.StatusOK).assignment(t)
		}
		for name, condition := range map[string]string{
			"the_present_version": `"2"`,
			"any_version":         `*`,
			"one_of_several":      `"1", W/"2" , "other","2"`,
		} {
			t.Run(name+"_is_changed", func(t *testing.T) {
				got := a.patch(t, second(t).ID, "completed", "If-Match", condition).want(t, http.StatusOK)
				if got.assignment(t).Version != 3 {
					t.Errorf("got %s", got.body)
				}
			})
		}
		for name, condition := range map[string]string{
			"an_older_version":       `"1"`,
			"a_newer_version":        `"3"`,
			"a_weak_tag":             `W/"2"`,
			"a_tag_of_another_API":   `"other"`,
			"a_version_with_a_zero":  `"02"`,
			"a_version_below_one":    `"0"`,
			"the_empty_tag":          `""`,
			"several_that_are_wrong": `"1", "3"`,
			"a_tag_with_a_comma":     `"2,2"`,
		} {
			t.Run(name+"_is_412", func(t *testing.T) {
				made := second(t)
				// The version is checked first, even when the status would not change.
				for _, status := range []string{"completed", "in_progress"} {
					a.patch(t, made.ID, status, "If-Match", condition).wantError(t, http.StatusPreconditionFailed, "STALE")
				}
				got := a.do(t, http.MethodGet, "/api/assignments/"+string(made.ID), "").assignment(t)
				if got.Version != 2 {
					t.Errorf("it has version %d now", got.Version)
				}
			})
		}
	})
}

func TestIfMatchRejects(t *testing.T) {
	a := newMemory(t)
	made := a.create(t, "ana", "intake")
	for _, condition := range []string{
		``, `1`, `"1`, `1"`, `"1" "2"`, `"1",`, `,"1"`, `*, "1"`, `"1", *`, `w/"1"`, `W/`, `W/1`,
		`"1","2","3","4","5","6","7","8","9"`,
	} {
		t.Run(condition, func(t *testing.T) {
			a.patch(t, made.ID, "completed", "If-Match", condition).wantInvalid(t, "If-Match")
		})
	}
}
