package main

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/assignment-go/assignment"
)

func TestList(t *testing.T) {
	onEachStore(t, func(t *testing.T, a api) {
		var all []assignment.ID
		for i := range 7 {
			made := a.create(t, fmt.Sprintf("user-%d", i%3), fmt.Sprintf("scenario-%d", i))
			all = append(all, made.ID)
		}
		a.patch(t, all[1], "completed").want(t, http.StatusOK)
		a.patch(t, all[2], "cancelled").want(t, http.StatusOK)
		a.patch(t, all[3], "in_progress").want(t, http.StatusOK)
		pick := func(indexes ...int) []assignment.ID {
			var ids []assignment.ID
			for _, i := range indexes {
				ids = append(ids, all[i])
			}
			return ids
		}

		for name, c := range map[string]struct {
			query string
			want  []assignment.ID
		}{
			"all":                       {"", all},
			"of_one_user":               {"?user_id=user-1", pick(1, 4)},
			"of_one_scenario":           {"?scenario_id=scenario-3", pick(3)},
			"in_one_status":             {"?status=completed", pick(1)},
			"in_one_of_two_statuses":    {"?status=completed&status=cancelled", pick(1, 2)},
			"that_are_active":           {"?active=true", pick(0, 3, 4, 5, 6)},
			"active_of_one_user":        {"?active=true&user_id=user-1", pick(4)},
			"of_nobody":                 {"?user_id=nobody", nil},
			"active_in_a_closed_status": {"?active=true&status=completed", nil},
		} {
			t.Run(name, func(t *testing.T) {
				got := a.list(t, c.query)
				if !slices.Equal(idsOf(got), c.want) || got.NextCursor != "" {
					t.Errorf("got  %v, cursor %q\nwant %v", idsOf(got), got.NextCursor, c.want)
				}
			})
		}

		for limit := 1; limit <= 8; limit++ {
			t.Run(fmt.Sprintf("pages_of_%d_contain_everything_once", limit), func(t *testing.T) {
				if got := pages(t, a, limit); !slices.Equal(got, all) {
					t.Errorf("got  %v\nwant %v", got, all)
				}
			})
		}

		t.Run("a_cursor_keeps_its_place_while_rows_change", func(t *testing.T) {
			first := a.list(t, "?active=true&limit=2")
			a.patch(t, all[0], "completed").want(t, http.StatusOK)
			a.patch(t, all[3], "completed").want(t, http.StatusOK)
			rest := a.list(t, "?active=true&cursor="+url.QueryEscape(first.NextCursor))
			if !slices.Equal(idsOf(first), pick(0, 3)) || !slices.Equal(idsOf(rest), pick(4, 5, 6)) {
				t.Errorf("first %v, rest %v", idsOf(first), idsOf(rest))
			}
		})
	})
}

// pages reads the whole list, at most 10 pages of it.
func pages(t *testing.T, a api, limit int) []assignment.ID {
	t.Helper()
	var all []assignment.ID
	query := fmt.Sprintf("?limit=%d", limit)
	cursor := ""
	for range 10 {
		got := a.list(t, query+cursor)
		if len(got.Assignments) > limit {
			t.Fatalf("a page has %d assignments, more than %d", len(got.Assignments), limit)
		}
		all = append(all, idsOf(got)...)
		if got.NextCursor == "" {
			return all
		}
		cursor = "&cursor=" + url.QueryEscape(got.NextCursor)
	}
	t.Fatal("the pages do not end")
	return nil
}

func idsOf(p page) []assignment.ID {
	var ids []assignment.ID
	for _, one := range p.Assignments {
		ids = append(ids, one.ID)
	}
	return ids
}

func TestListRejects(t *testing.T) {
	a := newMemory(t)
	for name, c := range map[string]struct{ query, field string }{
		"unknown_parameter":    {"?user=ana", "user"},
		"empty_filter":         {"?user_id=", "user_id"},
		"filter_given_twice":   {"?user_id=a&user_id=b", "user_id"},
		"filter_too_long":      {"?scenario_id=" + strings.Repeat("x", 256), "scenario_id"},
		"unknown_status":       {"?status=done", "status"},
		"active_that_is_false": {"?active=false", "active"},
		"limit_of_zero":        {"?limit=0", "limit"},
		"limit_above_200":      {"?limit=201", "limit"},
		"limit_of_no_number":   {"?limit=ten", "limit"},
		"foreign_cursor":       {"?cursor=abc", "cursor"},
		"broken_escape":        {"?user_id=%zz", "query"},
	} {
		t.Run(name, func(t *testing.T) {
			a.do(t, http.MethodGet, "/api/assignments"+c.query, "").wantInvalid(t, c.field)
		})
	}
}
