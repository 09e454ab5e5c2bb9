package assignment_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/memory"
)

// Two people assign the same intake at the same time. One of them creates the
// assignment, the other gets the row of the first.
func ExampleService_Create() {
	ctx := context.Background()
	service, err := assignment.NewService(memory.New(nil), nil)
	if err != nil {
		log.Fatal(err)
	}

	key := assignment.Key{AssigneeID: "ana", SubjectID: "intake"}
	first, err := service.Create(ctx, assignment.CreateParams{Key: key, AssignedBy: "bo"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("created:", first.Status)

	_, err = service.Create(ctx, assignment.CreateParams{Key: key, AssignedBy: "cy"})
	if conflict, ok := errors.AsType[*assignment.ActiveExistsError](err); ok {
		fmt.Println("conflict: assigned by", conflict.Existing.AssignedBy)
		fmt.Println("the same row:", conflict.Existing.ID == first.ID)
	}
	// Output:
	// created: pending
	// conflict: assigned by bo
	// the same row: true
}
