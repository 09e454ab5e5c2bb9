package assignment_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/memory"
)

// A custom lifecycle: a ticket is rejected for good, or resolved and possibly
// opened again.
func ExampleLifecycle() {
	ctx := context.Background()
	lifecycle, err := assignment.NewLifecycle(assignment.LifecycleConfig{
		Initial:  "open",
		Terminal: []assignment.Status{"resolved", "rejected"},
		Transitions: map[assignment.Status][]assignment.Status{
			"open":     {"resolved", "rejected"},
			"resolved": {"open"},
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	store := memory.New(&memory.Options{Policy: assignment.Policy{Lifecycle: lifecycle}})
	service, err := assignment.NewService(store, nil)
	if err != nil {
		log.Fatal(err)
	}

	key := assignment.Key{AssigneeID: "ana", SubjectID: "ticket-7"}
	if _, err := service.Create(ctx, assignment.CreateParams{ID: "t7", Key: key}); err != nil {
		log.Fatal(err)
	}
	if _, err := service.Transition(ctx, "t7", "rejected"); err != nil {
		log.Fatal(err)
	}
	_, err = service.Reopen(ctx, "t7")
	if rejected, ok := errors.AsType[*assignment.TransitionError](err); ok {
		fmt.Printf("rejected: from %s to %s\n", rejected.From, rejected.To)
	}
	// Output:
	// rejected: from rejected to open
}
