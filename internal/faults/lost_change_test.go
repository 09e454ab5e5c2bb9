package faults_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/internal/faultproxy"
	"github.com/assignment-go/assignment/internal/testdb"
)

// replyLoss drops the reply to one request that the server has carried out, and
// calls meanwhile before it forwards the next request.
type replyLoss struct {
	armed, lost atomic.Bool
	meanwhile   func()
	once        sync.Once
	// tag is the tag of the command whose reply is dropped; empty for any.
	tag string
}

func (l *replyLoss) plan(m faultproxy.Message) faultproxy.Action {
	if m.From == faultproxy.Client && l.lost.Load() {
		l.once.Do(l.meanwhile)
	}
	isReply := m.From == faultproxy.Server && m.Type == 'C' && (l.tag == "" || m.Completes(l.tag))
	if isReply && l.armed.CompareAndSwap(true, false) {
		l.lost.Store(true)
		return faultproxy.Action{Kind: faultproxy.Swallow}
	}
	return faultproxy.Action{}
}

// lostChange is a change whose reply is lost, and its expected outcome.
type lostChange struct {
	name string
	// before prepares the row.
	before func(context.Context, *assignment.Service) error
	change func(context.Context, *assignment.Service) (assignment.Assignment, error)
	// meanwhile is what another caller does after the change.
	meanwhile func(context.Context, *assignment.Service) error
	// want is the expected error; nil for success.
	want error
	// status, assignee and version are those of the row at the end.
	status   assignment.Status
	assignee string
	version  int64
}

func lostChanges() []lostChange {
	complete := func(ctx context.Context, s *assignment.Service) error { return second(s.Complete(ctx, "row")) }
	reopen := func(ctx context.Context, s *assignment.Service) error { return second(s.Reopen(ctx, "row")) }
	reassign := func(to string) func(context.Context, *assignment.Service) error {
		return func(ctx context.Context, s *assignment.Service) error { return second(s.Reassign(ctx, "row", to)) }
	}
	completing := func(conditions ...assignment.Condition) func(context.Context, *assignment.Service) (assignment.Assignment, error) {
		return func(ctx context.Context, s *assignment.Service) (assignment.Assignment, error) {
			return s.Complete(ctx, "row", conditions...)
		}
	}
	reopening := func(ctx context.Context, s *assignment.Service) (assignment.Assignment, error) {
		return s.Reopen(ctx, "row")
	}
	reassigning := func(ctx context.Context, s *assignment.Service) (assignment.Assignment, error) {
		return s.Reassign(ctx, "row", "ben")
	}
	unknown := assignment.ErrUnknownOutcome
	return []lostChange{
		{"a_reopening_does_not_undo_a_completion", complete, reopening, complete, unknown, assignment.StatusCompleted, "ana", 4},
		{"a_completion_does_not_undo_a_reopening", nil, completing(), reopen, unknown, assignment.StatusPending, "ana", 3},
		{"a_reassignment_does_not_undo_another", nil, reassigning, reassign("cleo"), unknown, assignment.StatusPending, "cleo", 3},
		{"a_reopening_that_the_row_shows_is_a_success", complete, reopening, nil, nil, assignment.StatusPending, "ana", 3},
		{"a_completion_that_the_row_shows_is_a_success", nil, completing(), nil, nil, assignment.StatusCompleted, "ana", 2},
		{"a_reassignment_that_the_row_shows_is_a_success", nil, reassigning, nil, nil, assignment.StatusPending, "ben", 2},
		{"a_reassignment_of_a_row_that_was_then_completed_is_a_success", nil, reassigning, complete, nil, assignment.StatusCompleted, "ben", 3},
		{"a_condition_is_met_by_the_change_itself", nil, completing(assignment.IfVersion(1)), nil, nil, assignment.StatusCompleted, "ana", 2},
		{
			"a_condition_is_not_met_by_another_callers_change", nil, completing(assignment.IfVersion(1)),
			func(ctx context.Context, s *assignment.Service) error {
				return errors.Join(reopen(ctx, s), complete(ctx, s))
			},
			unknown, assignment.StatusCompleted, "ana", 4,
		},
	}
}

func second[T any](_ T, err error) error { return err }

// TestLostChange loses the reply to a change that was carried out. The store must
// not send it again: others may have changed the row since.
func TestLostChange(t *testing.T) {
	for name, open := range map[string]func(*testing.T, string) assignment.Store{
		"pgx": openPgx, "pgx/stdlib": openSQL("pgx"), "lib/pq": openSQL("postgres"),
	} {
		for _, c := range lostChanges() {
			t.Run(name+"/"+c.name, func(t *testing.T) { c.check(t, open) })
		}
	}
}

func (c lostChange) check(t *testing.T, open func(*testing.T, string) assignment.Store) {
	dsn := testdb.Schema(t)
	direct := service(t, migrated(t, dsn))
	l := &replyLoss{meanwhile: func() {
		if c.meanwhile == nil {
			return
		}
		if err := c.meanwhile(t.Context(), direct); err != nil {
			t.Errorf("meanwhile: %v", err)
		}
	}}
	broken := service(t, open(t, proxied(t, dsn, l.plan)))
	params := assignment.CreateParams{ID: "row", Key: assignment.Key{AssigneeID: "ana", SubjectID: "intake"}}
	if _, err := direct.Create(t.Context(), params); err != nil {
		t.Fatal(err)
	}
	if c.before != nil {
		if err := c.before(t.Context(), direct); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := broken.Get(t.Context(), "row"); err != nil {
		t.Fatal(err)
	}

	l.armed.Store(true)
	returned, err := c.change(t.Context(), broken)
	if !l.lost.Load() {
		t.Fatal("no reply was lost, so this test has shown nothing")
	}
	if !errors.Is(err, c.want) {
		t.Errorf("got %v, want %v", err, c.want)
	}
	stored, getErr := direct.Get(t.Context(), "row")
	if getErr != nil {
		t.Fatal(getErr)
	}
	if stored.Status != c.status || stored.Key.AssigneeID != c.assignee || stored.Version != c.version {
		t.Errorf("the row is %s, of %s, version %d; want %s, %s, %d",
			stored.Status, stored.Key.AssigneeID, stored.Version, c.status, c.assignee, c.version)
	}
	if err == nil && (returned.Status != stored.Status || returned.Key != stored.Key || returned.Version != stored.Version) {
		t.Errorf("returned %+v, stored %+v", returned, stored)
	}
}
