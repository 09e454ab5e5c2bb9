package main

import (
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/assignment-go/assignment"
)

// maxBulkItems bounds one bulk request. The SDK takes batches of any size; it
// is the time for a request that does not.
const maxBulkItems = 1000

// bulkRequest keeps its items encoded, so that one that is malformed fails
// alone.
type bulkRequest struct {
	Assignments []json.RawMessage `json:"assignments"`
}

// bulkResponse has one result for each item, in the order of the request.
type bulkResponse struct {
	Results []bulkResult `json:"results"`
}

// bulkResult is what a request for this item alone would have been answered:
// the status, and either an assignment or an error.
type bulkResult struct {
	Status     int       `json:"status"`
	Assignment *resource `json:"assignment,omitempty"`
	Error      *problem  `json:"error,omitempty"`
}

// createBulk serves POST /api/assignments/bulk. Each item stands on its own. With
// an Idempotency-Key, the item at each index is recognised when the same request
// comes again.
func (s *server) createBulk(w http.ResponseWriter, r *http.Request) error {
	var q bulkRequest
	if err := readBody(w, r, &q); err != nil {
		return err
	}
	if n := len(q.Assignments); n == 0 || n > maxBulkItems {
		return badRequest("assignments", fmt.Sprintf("must have 1 to %d items", maxBulkItems))
	}
	key, err := idempotencyKey(r)
	if err != nil {
		return err
	}

	b := newBatch(q.Assignments, key)
	results, err := s.svc.CreateMany(r.Context(), b.params, nil)
	if len(results) != len(b.params) {
		return err // nothing was sent
	}
	if err != nil {
		noteError(w, err) // for the log; each item has its own answer
	}
	b.settle(results, s.svc.Policy().Lifecycle)
	setRetryAfter(w, b.wait)
	return writeJSON(w, http.StatusMultiStatus, bulkResponse{Results: b.results})
}

// batch is the part of a bulk request that can be sent, and where in the
// response its items belong.
type batch struct {
	params  []assignment.CreateParams
	at      []int
	results []bulkResult
	wait    int // the longest that an item asks for, in seconds
}

func newBatch(items []json.RawMessage, key string) *batch {
	b := &batch{results: make([]bulkResult, len(items))}
	for i, item := range items {
		var q internalRequest
		err := decodeStrictly("item", item, &q)
		var p assignment.CreateParams
		if err == nil {
			p, err = q.params()
		}
		if err != nil {
			b.fail(i, err)
			continue
		}
		p.ID = attemptID(fmt.Sprintf("bulk/%d", i), key)
		b.params, b.at = append(b.params, p), append(b.at, i)
	}
	return b
}

func (b *batch) fail(i int, err error) {
	p := problemOf(err)
	b.results[i] = bulkResult{Status: p.status, Error: p}
	b.wait = max(b.wait, p.retryAfter)
}

// settle puts the results of the SDK where the items were.
func (b *batch) settle(results []assignment.ItemResult, l assignment.Lifecycle) {
	for n, result := range results {
		if result.Err != nil {
			b.fail(b.at[n], result.Err)
			continue
		}
		a := newResource(asCreated(result.Assignment, l))
		b.results[b.at[n]] = bulkResult{Status: http.StatusCreated, Assignment: &a}
	}
}
