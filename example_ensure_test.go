package assignment_test

import (
	"context"
	"fmt"
	"log"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/memory"
)

// Ensure suits callers to whom it does not matter who created the assignment,
// as long as there is one.
func ExampleService_Ensure() {
	ctx := context.Background()
	service, err := assignment.NewService(memory.New(nil), nil)
	if err != nil {
		log.Fatal(err)
	}

	key := assignment.Key{AssigneeID: "ana", SubjectID: "intake"}
	for range 2 {
		result, err := service.Ensure(ctx, assignment.CreateParams{Key: key})
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(result.Outcome, result.Assignment.Status)
	}
	// Output:
	// created pending
	// existing pending
}
