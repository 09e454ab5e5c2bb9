package assignment_test

import (
	"context"
	"fmt"
	"log"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/memory"
)

// A completed assignment is history: it frees the slot, which may be taken
// again as often as it is freed.
func ExampleService_Complete() {
	ctx := context.Background()
	service, err := assignment.NewService(memory.New(nil), nil)
	if err != nil {
		log.Fatal(err)
	}

	key := assignment.Key{AssigneeID: "ana", SubjectID: "intake"}
	for range 3 {
		a, err := service.Create(ctx, assignment.CreateParams{Key: key})
		if err != nil {
			log.Fatal(err)
		}
		if _, err := service.Start(ctx, a.ID); err != nil {
			log.Fatal(err)
		}
		if _, err := service.Complete(ctx, a.ID); err != nil {
			log.Fatal(err)
		}
	}

	completed, err := service.Count(ctx, assignment.Query{AssigneeID: "ana"})
	if err != nil {
		log.Fatal(err)
	}
	active, err := service.Count(ctx, assignment.Query{AssigneeID: "ana", ActiveOnly: true})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(completed, "in all,", active, "active")
	// Output:
	// 3 in all, 0 active
}
