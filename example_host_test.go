package assignment_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/memory"
)

// intakeHandler is the host's code: it knows the service, not the store.
func intakeHandler(service *assignment.Service) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		_, err := service.Create(r.Context(), assignment.CreateParams{
			Key: assignment.Key{AssigneeID: r.FormValue("counselor"), SubjectID: "intake"},
		})
		switch {
		case err == nil:
			w.WriteHeader(http.StatusCreated)
		case errors.Is(err, assignment.ErrActiveExists):
			w.WriteHeader(http.StatusConflict)
		case errors.Is(err, assignment.ErrInvalid):
			w.WriteHeader(http.StatusBadRequest)
		default:
			w.WriteHeader(http.StatusInternalServerError)
		}
	}
}

// A unit test of host code needs no database and no mock: package memory enforces
// the same rules as the database drivers.
func Example_unitTest() {
	service, err := assignment.NewService(memory.New(nil), nil)
	if err != nil {
		log.Fatal(err)
	}
	handler := intakeHandler(service)
	for _, path := range []string{"/?counselor=ana", "/?counselor=ana", "/"} {
		response := httptest.NewRecorder()
		handler(response, httptest.NewRequestWithContext(context.Background(), http.MethodPost, path, nil))
		fmt.Println(response.Code)
	}
	// Output:
	// 201
	// 409
	// 400
}
