package assignment_test

import (
	"context"
	"fmt"
	"log"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/memory"
)

// A caller that chooses the ID before the first attempt may repeat the call as
// often as it takes: the assignment is created once, and never conflicts with
// itself.
func ExampleService_Ensure_retry() {
	ctx := context.Background()
	service, err := assignment.NewService(memory.New(nil), nil)
	if err != nil {
		log.Fatal(err)
	}

	request := assignment.CreateParams{
		ID:  "0199c1d2-7a61-7c3f-9c55-1e4f0a3b2c1d",
		Key: assignment.Key{AssigneeID: "ana", SubjectID: "intake"},
	}
	for range 3 {
		result, err := service.Ensure(ctx, request)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(result.Outcome)
	}
	// Output:
	// created
	// replayed
	// replayed
}
