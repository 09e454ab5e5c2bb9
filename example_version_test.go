package assignment_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/memory"
)

// A user completes what the page showed. When somebody else has changed the
// assignment since, the page was outdated and nothing happens.
func ExampleIfVersion() {
	ctx := context.Background()
	service, err := assignment.NewService(memory.New(nil), nil)
	if err != nil {
		log.Fatal(err)
	}

	key := assignment.Key{AssigneeID: "ana", SubjectID: "intake"}
	shown, err := service.Create(ctx, assignment.CreateParams{Key: key})
	if err != nil {
		log.Fatal(err)
	}
	if _, err := service.Start(ctx, shown.ID); err != nil { // somebody else
		log.Fatal(err)
	}

	_, err = service.Complete(ctx, shown.ID, assignment.IfVersion(shown.Version))
	fmt.Println("stale:", errors.Is(err, assignment.ErrStale))

	now, err := service.Get(ctx, shown.ID)
	if err != nil {
		log.Fatal(err)
	}
	now, err = service.Complete(ctx, shown.ID, assignment.IfVersion(now.Version))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(now.Status, "as version", now.Version)
	// Output:
	// stale: true
	// completed as version 3
}
