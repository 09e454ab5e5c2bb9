package assignment_test

import (
	"context"
	"fmt"
	"log"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/memory"
)

// An HTTP handler shows one page per request. It gives the text of a cursor to
// the client, which sends it back to get the next page.
func ExampleService_List() {
	ctx := context.Background()
	service, err := assignment.NewService(memory.New(nil), nil)
	if err != nil {
		log.Fatal(err)
	}
	for _, subject := range []string{"intake", "plan", "review"} {
		key := assignment.Key{AssigneeID: "ana", SubjectID: subject}
		if _, err := service.Create(ctx, assignment.CreateParams{Key: key}); err != nil {
			log.Fatal(err)
		}
	}

	// showPage is what the handler does with the cursor of the request.
	showPage := func(after string) (next string) {
		q := assignment.Query{AssigneeID: "ana", Limit: 2}
		if err := q.After.UnmarshalText([]byte(after)); err != nil {
			log.Fatal(err)
		}
		for a, err := range service.List(ctx, q) {
			if err != nil {
				log.Fatal(err)
			}
			fmt.Println(a.Key.SubjectID)
			text, err := a.Cursor().MarshalText()
			if err != nil {
				log.Fatal(err)
			}
			next = string(text)
		}
		return next
	}

	fmt.Println("first page:")
	next := showPage("")
	fmt.Println("second page:")
	showPage(next)
	// Output:
	// first page:
	// intake
	// plan
	// second page:
	// review
}
