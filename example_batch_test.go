package assignment_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/memory"
)

// Each item of a batch has its own result: one that is taken does not stop the
// others.
func ExampleService_CreateMany() {
	ctx := context.Background()
	service, err := assignment.NewService(memory.New(nil), nil)
	if err != nil {
		log.Fatal(err)
	}

	batch := []assignment.CreateParams{
		{ID: "a1", Key: assignment.Key{AssigneeID: "ana", SubjectID: "intake"}},
		{ID: "b1", Key: assignment.Key{AssigneeID: "ben", SubjectID: "intake"}},
		{ID: "a2", Key: assignment.Key{AssigneeID: "ana", SubjectID: "intake"}},
		{ID: "c1", Key: assignment.Key{AssigneeID: "", SubjectID: "intake"}},
	}
	results, err := service.CreateMany(ctx, batch, nil)
	if err != nil {
		log.Fatal(err) // the store or the context failed; the results tell which items are affected
	}
	for _, r := range results {
		conflict, taken := errors.AsType[*assignment.ActiveExistsError](r.Err)
		switch {
		case taken:
			fmt.Println(r.ID, "is rejected: the slot is held by", conflict.Existing.ID)
		case r.Err != nil:
			fmt.Println(r.ID, "is rejected:", r.Err)
		default:
			fmt.Println(r.ID, "is", r.Outcome)
		}
	}
	// Output:
	// a1 is created
	// b1 is created
	// a2 is rejected: the slot is held by a1
	// c1 is rejected: invalid input: Key.AssigneeID is required
}

// All or nothing: one rejection, and nothing of the batch is written.
func ExampleService_CreateMany_allOrNothing() {
	ctx := context.Background()
	service, err := assignment.NewService(memory.New(nil), nil)
	if err != nil {
		log.Fatal(err)
	}
	intake := assignment.Key{AssigneeID: "ben", SubjectID: "intake"}
	if _, err := service.Create(ctx, assignment.CreateParams{ID: "b1", Key: intake}); err != nil {
		log.Fatal(err)
	}

	team := []assignment.CreateParams{
		{Key: assignment.Key{AssigneeID: "ana", SubjectID: "intake"}},
		{Key: intake},
	}
	_, err = service.CreateMany(ctx, team, &assignment.BatchOptions{AllOrNothing: true})
	if rejection, ok := errors.AsType[*assignment.BatchError](err); ok {
		fmt.Println("item", rejection.Index, "is taken:", errors.Is(err, assignment.ErrActiveExists))
	}
	n, err := service.Count(ctx, assignment.Query{})
	fmt.Println("rows:", n, err)
	// Output:
	// item 1 is taken: true
	// rows: 1 <nil>
}
