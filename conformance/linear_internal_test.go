package conformance

import (
	"strings"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/assignment-go/assignment"
)

// story builds a history by hand: each line is one call that begins and ends
// before the next, unless it says otherwise.
type story struct {
	at      time.Time
	history []*event
}

func newStory() *story { return &story{at: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)} }

func (s *story) row(id assignment.ID) assignment.Assignment {
	return assignment.Assignment{
		ID: id, Key: assignment.Key{AssigneeID: "ana", SubjectID: "intake"}, Status: assignment.StatusPending,
		CreatedAt: s.at, UpdatedAt: s.at, Version: 1,
	}
}

func (s *story) add(a act, got answer) *event {
	begin := int64(2*len(s.history) + 1)
	e := &event{client: len(s.history) % 3, act: a, got: got, begin: begin, end: begin + 1}
	s.history = append(s.history, e)
	return e
}

func (s *story) create(id assignment.ID, kind answerKind) *event {
	got := answer{kind: kind}
	if kind == answerCreated || kind == answerReplayed {
		got.row = rowOf(s.row(id))
	}
	return s.add(act{name: "Create", next: s.row(id)}, got)
}

func (s *story) get(id assignment.ID, kind answerKind) {
	got := answer{kind: kind}
	if kind == answerRow {
		got.row = rowOf(s.row(id))
	}
	s.add(act{name: "Get", id: id}, got)
}

func (s *story) want(t *testing.T, want porcupine.CheckResult) {
	t.Helper()
	if got := newJudge(assignment.DefaultLifecycle()).check(s.history, time.Minute); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestJudge(t *testing.T) {
	t.Run("a_read_after_a_write_sees_it", func(t *testing.T) {
		s := newStory()
		s.create("a", answerCreated)
		s.get("a", answerRow)
		s.want(t, porcupine.Ok)
	})
	t.Run("a_read_after_a_write_must_see_it", func(t *testing.T) {
		s := newStory()
		s.create("a", answerCreated)
		s.get("a", answerMissing)
		s.want(t, porcupine.Illegal)
	})
	t.Run("a_read_beside_a_write_may_see_it_or_not", func(t *testing.T) {
		s := newStory()
		s.create("a", answerCreated).end = 6
		s.get("a", answerMissing)
		s.get("a", answerRow)
		s.want(t, porcupine.Ok)
	})
	t.Run("an_unknown_write_may_come_later", func(t *testing.T) {
		s := newStory()
		s.create("a", answerUnknown)
		s.get("a", answerMissing)
		s.get("a", answerRow)
		s.want(t, porcupine.Ok)
	})
	t.Run("an_unknown_write_may_never_come", func(t *testing.T) {
		s := newStory()
		s.create("a", answerUnknown)
		s.create("b", answerCreated)
		s.get("a", answerMissing)
		s.want(t, porcupine.Ok)
	})
	t.Run("an_unknown_write_does_not_go_again", func(t *testing.T) {
		s := newStory()
		s.create("a", answerUnknown)
		s.get("a", answerRow)
		s.get("a", answerMissing)
		s.want(t, porcupine.Illegal)
	})
	t.Run("a_denied_write_changes_nothing", func(t *testing.T) {
		s := newStory()
		s.create("a", answerNothing)
		s.get("a", answerRow)
		s.want(t, porcupine.Illegal)
	})
	t.Run("two_holders_are_impossible", func(t *testing.T) {
		s := newStory()
		s.create("a", answerCreated).end = 10
		s.create("b", answerCreated)
		s.want(t, porcupine.Illegal)
	})
}

func TestExplanation(t *testing.T) {
	s := newStory()
	s.create("a", answerCreated)
	s.get("other", answerMissing)
	s.create("a", answerReplayed)
	s.get("a", answerMissing)
	s.get("other", answerMissing)
	j := newJudge(assignment.DefaultLifecycle())
	small := j.shrink(s.history)
	t.Run("only_calls_that_contradict_each_other_are_left", func(t *testing.T) {
		if n := len(answered(small)); n != 2 {
			t.Errorf("%d calls are left, want 2", n)
		}
	})
	t.Run("it_says_what_was_answered_and_what_should_have_been", func(t *testing.T) {
		text := j.explain(small, s.history, assignment.DefaultLifecycle())
		for _, want := range []string{
			"these 2 answers together (of 5 calls on this subject",
			"2. [7 to 8] client 1 on handle 1: Get(#1) → ErrNotFound",
			"there, call 2 has to answer: #1 of assignee 1, pending, version 1",
			`#1 is the ID "a"`, `assignee 1 is "ana"`,
		} {
			if !strings.Contains(text, want) {
				t.Errorf("the text lacks %q:\n%s", want, text)
			}
		}
	})
	t.Run("the_drawing_is_a_page", func(t *testing.T) {
		page, err := j.visualise(s.history, time.Minute)
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
	t.Run("calls_that_never_overlap_tell_nothing_about_the_driver", func(t *testing.T) {
		s := newStory()
		s.create("a", answerCreated)
		s.create("b", answerConflict)
		test := linearTest{}
		test.tally(s.history)
		want(t, Unclear, "no two overlapped", func() { test.verify(p) })
	})
	t.Run("calls_that_overlap_pass", func(*testing.T) {
		s := newStory()
		s.create("a", answerCreated).end = 4
		s.create("b", answerConflict)
		test := linearTest{}
		test.tally(s.history)
		test.verify(p)
	})
	t.Run("calls_that_are_hardly_ever_answered_fail", func(t *testing.T) {
		s := newStory()
		s.create("a", answerCreated).end = 4
		s.create("b", answerNothing)
		s.create("b", answerNothing)
		test := linearTest{}
		test.tally(s.history)
		want(t, Fail, "2 were refused without an answer", func() { test.verify(p) })
	})
	t.Run("a_judge_without_time_tells_nothing_about_the_driver", func(t *testing.T) {
		s := newStory()
		for range 40 {
			s.create("a", answerUnknown).got = answer{kind: answerConflict}
		}
		for _, e := range s.history {
			e.begin, e.end = 1, 100
		}
		j := newJudge(p.lifecycle)
		j.timeout = time.Nanosecond
		test := linearTest{overlaps: 1, rounds: 1}
		if !p.explainable(j, 0, s.history) {
			test.unjudged++
		}
		want(t, Unclear, "1 could not be judged", func() { test.verify(p) })
	})
	t.Run("too_many_unknown_outcomes_fail", func(t *testing.T) {
		s := newStory()
		for range mostOpen + 1 {
			s.create("a", answerUnknown)
		}
		want(t, Fail, "had an unknown outcome", func() { p.explainable(newJudge(p.lifecycle), 0, s.history) })
	})
}

func TestSameRows(t *testing.T) {
	s := newStory()
	a, b := s.row("a"), s.row("b")
	p := &probe{}
	for name, c := range map[string]struct {
		got, want []assignment.Assignment
		reason    string
	}{
		"order":   {[]assignment.Assignment{b, a}, []assignment.Assignment{a, b}, `the same 2 rows in another order`},
		"another": {[]assignment.Assignment{a, a}, []assignment.Assignment{a, b}, `2 rows, want 2; the first difference: row 2 is "a", want "b"`},
		"missing": {[]assignment.Assignment{a}, []assignment.Assignment{a, b}, `the first that is missing is row 2, "b"`},
		"surplus": {[]assignment.Assignment{a, b}, []assignment.Assignment{a}, `the first too many is row 2, "b"`},
	} {
		t.Run(name, func(t *testing.T) {
			if f := guarded(func() { p.sameRows("rows", c.got, c.want) }); !strings.Contains(f.reason, c.reason) {
				t.Errorf("got %q, want %q in it", f.reason, c.reason)
			}
		})
	}
}
