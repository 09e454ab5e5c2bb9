package assignment_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/memory"
)

// Reopening competes for the slot like creating does.
func ExampleService_Reopen() {
	ctx := context.Background()
	service, err := assignment.NewService(memory.New(nil), nil)
	if err != nil {
		log.Fatal(err)
	}

	key := assignment.Key{AssigneeID: "ana", SubjectID: "intake"}
	if _, err := service.Create(ctx, assignment.CreateParams{ID: "spring", Key: key}); err != nil {
		log.Fatal(err)
	}
	if _, err := service.Complete(ctx, "spring"); err != nil {
		log.Fatal(err)
	}
	if _, err := service.Create(ctx, assignment.CreateParams{ID: "autumn", Key: key}); err != nil {
		log.Fatal(err)
	}

	_, err = service.Reopen(ctx, "spring")
	if conflict, ok := errors.AsType[*assignment.ActiveExistsError](err); ok {
		fmt.Println("the slot is held by", conflict.Existing.ID)
	}
	// Output:
	// the slot is held by autumn
}
