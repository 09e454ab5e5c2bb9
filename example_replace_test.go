package assignment_test

import (
	"context"
	"fmt"
	"log"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/memory"
)

// Replace gives the slot to a new assignment in one step, so that no other
// caller can take it in between.
func ExampleService_Replace() {
	ctx := context.Background()
	service, err := assignment.NewService(memory.New(nil), nil)
	if err != nil {
		log.Fatal(err)
	}

	key := assignment.Key{AssigneeID: "ana", SubjectID: "intake"}
	if _, err := service.Create(ctx, assignment.CreateParams{ID: "draft", Key: key}); err != nil {
		log.Fatal(err)
	}
	result, err := service.Replace(ctx,
		assignment.CreateParams{ID: "final", Key: key},
		assignment.ReplaceParams{RetireTo: assignment.StatusCancelled})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(result.Retired.ID, "is", result.Retired.Status)
	fmt.Println(result.Assignment.ID, "is", result.Assignment.Status)
	// Output:
	// draft is cancelled
	// final is pending
}
