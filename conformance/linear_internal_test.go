package conformance

import (
	"strings"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/assignment-go/assignment"
)

// historyBuilder builds a history by hand: each call ends before the next one starts, unless
// the test changes its end.
type historyBuilder struct {
	at      time.Time
	history []*event
}

func newHistoryBuilder() *historyBuilder {
	return &historyBuilder{at: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)}
}

func (s *historyBuilder) row(id assignment.ID) assignment.Assignment {
	return assignment.Assignment{
		ID: id, Key: assignment.Key{AssigneeID: "ana", SubjectID: "intake"}, Status: assignment.StatusPending,
		CreatedAt: s.at, UpdatedAt: s.at, Version: 1,
	}
}

func (s *historyBuilder) add(a operation, got reply) *event {
	begin := int64(2*len(s.history) + 1)
	e := &event{client: len(s.history) % 3, op: a, got: got, begin: begin, end: begin + 1}
	s.history = append(s.history, e)
	return e
}

func (s *historyBuilder) create(id assignment.ID, kind replyKind) *event {
	got := reply{kind: kind}
	if kind == replyCreated || kind == replyReplayed {
		got.row = rowOf(s.row(id))
	}
	return s.add(operation{name: "Create", next: s.row(id)}, got)
}

func (s *historyBuilder) get(id assignment.ID, kind replyKind) {
	got := reply{kind: kind}
	if kind == replyRow {
		got.row = rowOf(s.row(id))
	}
	s.add(operation{name: "Get", id: id}, got)
}

func (s *historyBuilder) want(t *testing.T, want porcupine.CheckResult) {
	t.Helper()
	if got := newChecker(assignment.DefaultLifecycle()).check(s.history, time.Minute); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestChecker(t *testing.T) {
	t.Run("a_read_after_a_write_sees_it", func(t *testing.T) {
		s := newHistoryBuilder()
		s.create("a", replyCreated)
		s.get("a", replyRow)
		s.want(t, porcupine.Ok)
	})
	t.Run("a_read_after_a_write_must_see_it", func(t *testing.T) {
		s := newHistoryBuilder()
		s.create("a", replyCreated)
		s.get("a", replyNotFound)
		s.want(t, porcupine.Illegal)
	})
	t.Run("a_read_during_a_write_may_see_it_or_not", func(t *testing.T) {
		s := newHistoryBuilder()
		s.create("a", replyCreated).end = 6
		s.get("a", replyNotFound)
		s.get("a", replyRow)
		s.want(t, porcupine.Ok)
	})
	t.Run("a_write_of_unknown_outcome_may_take_effect_later", func(t *testing.T) {
		s := newHistoryBuilder()
		s.create("a", replyUnknown)
		s.get("a", replyNotFound)
		s.get("a", replyRow)
		s.want(t, porcupine.Ok)
	})
	t.Run("a_write_of_unknown_outcome_may_never_take_effect", func(t *testing.T) {
		s := newHistoryBuilder()
		s.create("a", replyUnknown)
		s.create("b", replyCreated)
		s.get("a", replyNotFound)
		s.want(t, porcupine.Ok)
	})
	t.Run("a_write_of_unknown_outcome_is_not_undone", func(t *testing.T) {
		s := newHistoryBuilder()
		s.create("a", replyUnknown)
		s.get("a", replyRow)
		s.get("a", replyNotFound)
		s.want(t, porcupine.Illegal)
	})
	t.Run("a_failed_write_changes_nothing", func(t *testing.T) {
		s := newHistoryBuilder()
		s.create("a", replyNotWritten)
		s.get("a", replyRow)
		s.want(t, porcupine.Illegal)
	})
	t.Run("two_holders_are_impossible", func(t *testing.T) {
		s := newHistoryBuilder()
		s.create("a", replyCreated).end = 10
		s.create("b", replyCreated)
		s.want(t, porcupine.Illegal)
	})
}

func TestExplanation(t *testing.T) {
	s := newHistoryBuilder()
	s.create("a", replyCreated)
	s.get("other", replyNotFound)
	s.create("a", replyReplayed)
	s.get("a", replyNotFound)
	s.get("other", replyNotFound)
	c := newChecker(assignment.DefaultLifecycle())
	small := c.shrink(s.history)
	t.Run("only_calls_that_contradict_each_other_are_left", func(t *testing.T) {
		if n := len(withReplies(small)); n != 2 {
			t.Errorf("%d calls are left, want 2", n)
		}
	})
	t.Run("it_shows_the_results_and_those_expected", func(t *testing.T) {
		text := c.explain(small, s.history, assignment.DefaultLifecycle())
		for _, want := range []string{
			"these 2 results together (of 5 calls on this subject",
			"2. [7 to 8] client 1 on handle 1: Get(#1) → ErrNotFound",
			"call 2 would then have to return: #1 of assignee 1, pending, version 1",
			`#1 is the ID "a"`, `assignee 1 is "ana"`,
		} {
			if !strings.Contains(text, want) {
				t.Errorf("the text lacks %q:\n%s", want, text)
			}
		}
	})
	t.Run("the_drawing_is_a_page", func(t *testing.T) {
		page, err := c.visualise(s.history, time.Minute)
		if err != nil || !strings.Contains(string(page), "<html") {
			t.Errorf("got %d bytes and %v", len(page), err)
		}
	})
}

func TestInconclusive(t *testing.T) {
	p := &probe{lifecycle: assignment.DefaultLifecycle()}
	want := func(t *testing.T, verdict Verdict, reason string, step func()) {
		t.Helper()
		if f := guarded(step); f.verdict != verdict || !strings.Contains(f.reason, reason) {
			t.Errorf("got %s %q, want %s with %q", f.verdict, f.reason, verdict, reason)
		}
	}
	t.Run("calls_that_never_overlap_are_inconclusive", func(t *testing.T) {
		s := newHistoryBuilder()
		s.create("a", replyCreated)
		s.create("b", replyConflict)
		test := linearTest{}
		test.tally(s.history)
		want(t, Inconclusive, "no two overlapped", func() { test.verify(p) })
	})
	t.Run("calls_that_overlap_pass", func(*testing.T) {
		s := newHistoryBuilder()
		s.create("a", replyCreated).end = 4
		s.create("b", replyConflict)
		test := linearTest{}
		test.tally(s.history)
		test.verify(p)
	})
	t.Run("calls_that_mostly_have_no_effect_fail", func(t *testing.T) {
		s := newHistoryBuilder()
		s.create("a", replyCreated).end = 4
		s.create("b", replyNotWritten)
		s.create("b", replyNotWritten)
		test := linearTest{}
		test.tally(s.history)
		want(t, Fail, "2 failed without effect", func() { test.verify(p) })
	})
	t.Run("a_check_that_times_out_is_inconclusive", func(t *testing.T) {
		s := newHistoryBuilder()
		for range 40 {
			s.create("a", replyUnknown).got = reply{kind: replyConflict}
		}
		for _, e := range s.history {
			e.begin, e.end = 1, 100
		}
		c := newChecker(p.lifecycle)
		c.timeout = time.Nanosecond
		test := linearTest{overlaps: 1, rounds: 1}
		if !p.explainable(c, 0, s.history) {
			test.unchecked++
		}
		want(t, Inconclusive, "1 of 1 histories could not be checked", func() { test.verify(p) })
	})
	t.Run("too_many_unknown_outcomes_fail", func(t *testing.T) {
		s := newHistoryBuilder()
		for range mostOpen + 1 {
			s.create("a", replyUnknown)
		}
		want(t, Fail, "had an unknown outcome", func() { p.explainable(newChecker(p.lifecycle), 0, s.history) })
	})
}

func TestSameRows(t *testing.T) {
	s := newHistoryBuilder()
	a, b := s.row("a"), s.row("b")
	p := &probe{}
	for name, c := range map[string]struct {
		got, want []assignment.Assignment
		reason    string
	}{
		"order":   {[]assignment.Assignment{b, a}, []assignment.Assignment{a, b}, `the same 2 rows in another order`},
		"another": {[]assignment.Assignment{a, a}, []assignment.Assignment{a, b}, `2 rows, want 2; the first difference: row 2 is "a", want "b"`},
		"missing": {[]assignment.Assignment{a}, []assignment.Assignment{a, b}, `the first missing one is row 2, "b"`},
		"extra":   {[]assignment.Assignment{a, b}, []assignment.Assignment{a}, `the first extra one is row 2, "b"`},
	} {
		t.Run(name, func(t *testing.T) {
			if f := guarded(func() { p.sameRows("rows", c.got, c.want) }); !strings.Contains(f.reason, c.reason) {
				t.Errorf("got %q, want %q in it", f.reason, c.reason)
			}
		})
	}
}
