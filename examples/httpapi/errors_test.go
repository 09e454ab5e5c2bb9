package main

import (
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/assignment-go/assignment"
)

// mapped is the expected response to a sentinel of the SDK.
type mapped struct {
	err        error
	status     int
	kind       string
	retryAfter bool
}

// sentinels is written independently of the program's table.
func sentinels() map[string]mapped {
	return map[string]mapped{
		"ErrActiveExists":     {assignment.ErrActiveExists, 409, "CONFLICT", false},
		"ErrInvalid":          {assignment.ErrInvalid, 400, "VALIDATION", false},
		"ErrNotFound":         {assignment.ErrNotFound, 404, "NOT_FOUND", false},
		"ErrTransition":       {assignment.ErrTransition, 422, "TRANSITION", false},
		"ErrStale":            {assignment.ErrStale, 412, "STALE", false},
		"ErrIDReused":         {assignment.ErrIDReused, 422, "IDEMPOTENCY_KEY_REUSED", false},
		"ErrContended":        {assignment.ErrContended, 503, "CONTENDED", true},
		"ErrRetryTransaction": {assignment.ErrRetryTransaction, 503, "RETRY_TRANSACTION", true},
		"ErrUnknownOutcome":   {assignment.ErrUnknownOutcome, 503, "UNKNOWN_OUTCOME", true},
		"ErrUnguarded":        {assignment.ErrUnguarded, 500, "UNGUARDED", false},
		"ErrUnsupported":      {assignment.ErrUnsupported, 501, "UNSUPPORTED", false},
		"ErrUnavailable":      {assignment.ErrUnavailable, 503, "UNAVAILABLE", true},
	}
}

func TestSentinels(t *testing.T) {
	t.Run("all_of_the_SDK_are_in_this_test", func(t *testing.T) {
		declared := declaredSentinels(t)
		if known := slices.Sorted(maps.Keys(sentinels())); !slices.Equal(declared, known) {
			t.Errorf("declared: %v\nin this test: %v", declared, known)
		}
	})
	for name, want := range sentinels() {
		t.Run(name, func(t *testing.T) {
			got := problemOf(fmt.Errorf("create: %w", errors.Join(errors.New("secret of the database"), want.err)))
			if got.status != want.status || got.Type != want.kind || got.retryAfter > 0 != want.retryAfter {
				t.Errorf("got %d %s, retry after %d", got.status, got.Type, got.retryAfter)
			}
			if strings.Contains(got.Message, "secret") || !strings.Contains(got.Error(), "secret") {
				t.Errorf("want the cause only in the log: message %q, log %q", got.Message, got.Error())
			}
		})
	}
	t.Run("each_has_a_different_type", func(t *testing.T) {
		seen := make(map[string]error)
		for _, a := range mappings() {
			if other, taken := seen[a.Type]; taken && a.Type != "TIMEOUT" {
				t.Errorf("%v and %v are both %s", other, a.sentinel, a.Type)
			}
			seen[a.Type] = a.sentinel
		}
	})
}

// declaredSentinels reads the names from the source of the SDK.
func declaredSentinels(t *testing.T) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "../../errors.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, d := range file.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.VAR {
			continue
		}
		for _, s := range g.Specs {
			names = append(names, s.(*ast.ValueSpec).Names[0].Name)
		}
	}
	slices.Sort(names)
	return names
}

func TestProblemOf(t *testing.T) {
	t.Run("an_unknown_outcome_is_not_the_timeout_that_caused_it", func(t *testing.T) {
		for _, cause := range []error{
			context.DeadlineExceeded, context.Canceled, assignment.ErrUnavailable, assignment.ErrContended,
			&assignment.ActiveExistsError{},
		} {
			got := problemOf(fmt.Errorf("create: %w", &assignment.UnknownOutcomeError{ID: "i", Err: cause}))
			if got.Type != "UNKNOWN_OUTCOME" || got.AssignmentID != "i" {
				t.Errorf("caused by %v: got %+v", cause, got)
			}
		}
	})
	t.Run("the_end_of_a_context_is_503", func(t *testing.T) {
		for _, err := range []error{context.DeadlineExceeded, context.Canceled} {
			if got := problemOf(fmt.Errorf("get: %w", err)); got.status != 503 || got.Type != "TIMEOUT" || got.retryAfter == 0 {
				t.Errorf("%v: got %+v", err, got)
			}
		}
	})
	t.Run("anything_else_is_500_without_its_text", func(t *testing.T) {
		got := problemOf(errors.New("secret"))
		if got.status != 500 || got.Type != "INTERNAL" || strings.Contains(got.Message, "secret") {
			t.Errorf("got %+v", got)
		}
	})
	t.Run("the_field_of_an_unknown_constraint_is_not_translated", func(t *testing.T) {
		got := problemOf(&assignment.InvalidError{Field: "users_fkey", Reason: "rejected the row"})
		if got.Field != "users_fkey" || got.Message != "users_fkey rejected the row" {
			t.Errorf("got %+v", got)
		}
	})
}

// failing is a store on which all calls fail with the same error.
type failing struct {
	assignment.Store
	err error
}

func (f failing) Create(context.Context, assignment.Assignment) (assignment.Result, error) {
	return assignment.Result{}, f.err
}

func (f failing) Update(context.Context, assignment.ID, assignment.Change) (assignment.Assignment, error) {
	return assignment.Assignment{}, f.err
}

func (f failing) Get(context.Context, assignment.ID) (assignment.Assignment, error) {
	return assignment.Assignment{}, f.err
}

func (f failing) List(context.Context, assignment.Query) ([]assignment.Assignment, error) {
	return nil, f.err
}

// TestFailures makes each operation fail with each error that it can have. The client
// checks that the response is documented for that operation.
func TestFailures(t *testing.T) {
	reads := []string{"ErrContended", "ErrUnguarded", "ErrUnavailable", "ErrRetryTransaction", "ErrInvalid"}
	writes := append([]string{"ErrUnknownOutcome", "ErrUnsupported"}, reads...)
	creates := append([]string{"ErrActiveExists", "ErrIDReused"}, writes...)
	for _, c := range []struct {
		name, method, path, body string
		failures                 []string
	}{
		{"external", http.MethodPost, "/api/external/assignments", createBody("u", "s"), creates},
		{"create", http.MethodPost, "/api/assignments", createBody("u", "s"), creates},
		{"list", http.MethodGet, "/api/assignments", "", reads},
		{"get", http.MethodGet, "/api/assignments/i", "", append([]string{"ErrNotFound"}, reads...)},
		{
			"patch", http.MethodPatch, "/api/assignments/i", `{"status":"completed"}`,
			append([]string{"ErrNotFound", "ErrTransition", "ErrStale", "ErrActiveExists"}, writes...),
		},
	} {
		for _, failure := range c.failures {
			t.Run(c.name+"/"+failure, func(t *testing.T) {
				want := sentinels()[failure]
				a := serveStore(t, failing{Store: open(t, ""), err: typed(want.err)}, t.Output())
				if c.name == "external" {
					a = a.external()
				}
				got := a.do(t, c.method, c.path, c.body)
				got.wantError(t, want.status, want.kind)
				if want.retryAfter != (got.header.Get("Retry-After") != "") {
					t.Errorf("Retry-After: %q", got.header.Get("Retry-After"))
				}
			})
		}
	}

	for _, failure := range creates {
		t.Run("bulk/"+failure, func(t *testing.T) {
			want := sentinels()[failure]
			a := serveStore(t, failing{Store: open(t, ""), err: typed(want.err)}, t.Output())
			got, results := a.bulk(t, []string{createBody("u", "s"), createBody("", "s")})
			if results[0].Status != want.status || results[0].Error.Type != want.kind || results[1].Status != 400 {
				t.Errorf("got %s", got.body)
			}
			if want.retryAfter != (got.header.Get("Retry-After") != "") {
				t.Errorf("Retry-After: %q", got.header.Get("Retry-After"))
			}
		})
	}
}

// typed returns the typed error that a driver returns for the sentinel.
func typed(sentinel error) error {
	for _, err := range []error{
		&assignment.ActiveExistsError{Existing: assignment.Assignment{ID: "holder"}},
		&assignment.InvalidError{Field: "ID", Reason: "is not a UUID"},
		&assignment.UnknownOutcomeError{ID: "i", Err: context.DeadlineExceeded},
		&assignment.TransitionError{ID: "i", From: "completed", To: "in_progress"},
		&assignment.GuardError{Table: "t"},
		&assignment.UnsupportedError{Ability: "a"},
	} {
		if errors.Is(err, sentinel) {
			return err
		}
	}
	return sentinel
}
