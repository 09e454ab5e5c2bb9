package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/assignment-go/assignment"
)

// callers is how many goroutines compete for the same slot.
const callers = 50

// race starts all callers at once and counts what their calls returned.
func race(ctx context.Context, w io.Writer, svc *assignment.Service, who person) error {
	key := assignment.Key{AssigneeID: who.id, SubjectID: "follow-up"}
	fmt.Fprintf(w, "\n%d goroutines call Create for assignee %q, subject %q:\n", callers, who.name, key.SubjectID)

	result := count(createTogether(ctx, svc, key))
	fmt.Fprintf(w, "race: %d callers, %d created, %d conflicts\n", callers, result.created, result.conflicts)
	return errors.Join(result.check(), recount(ctx, svc, key))
}

// reply is what a call returned.
type reply struct {
	assignment assignment.Assignment
	err        error
}

func createTogether(ctx context.Context, svc *assignment.Service, key assignment.Key) []reply {
	replies := make([]reply, callers)
	start := make(chan struct{})
	var ready, done sync.WaitGroup
	ready.Add(callers)
	for i := range replies {
		done.Go(func() {
			ready.Done()
			<-start
			replies[i].assignment, replies[i].err = svc.Create(ctx, assignment.CreateParams{Key: key})
		})
	}
	ready.Wait()
	close(start)
	done.Wait()
	return replies
}

// tally counts the replies of a race.
type tally struct {
	created   int
	conflicts int
	failures  []error
}

func count(replies []reply) tally {
	var t tally
	for _, a := range replies {
		switch {
		case a.err == nil:
			t.created++
		case errors.Is(a.err, assignment.ErrActiveExists):
			t.conflicts++
		default:
			t.failures = append(t.failures, a.err)
		}
	}
	return t
}

// check accepts one winner and a conflict for every other caller.
func (t tally) check() error {
	if t.created != 1 || t.conflicts != callers-1 {
		return errors.Join(append(t.failures,
			fmt.Errorf("race: want 1 created and %d conflicts", callers-1))...)
	}
	return nil
}

// recount counts the active assignments in the store, whatever the calls returned.
func recount(ctx context.Context, svc *assignment.Service, key assignment.Key) error {
	n, err := svc.Count(ctx, assignment.Query{AssigneeID: key.AssigneeID, SubjectID: key.SubjectID, ActiveOnly: true})
	if err != nil {
		return err
	}
	if n != 1 {
		return fmt.Errorf("race: %d active assignments in the store, want 1", n)
	}
	return nil
}
