package main

import (
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/assignment-go/assignment"
)

// maxBulkItems bounds a bulk request, so that it ends within the timeout. The SDK
// accepts batches of any size.
const maxBulkItems = 1000

// bulkRequest leaves its items encoded, so that a malformed one does not fail the
// others.
type bulkRequest struct {
	Assignments []json.RawMessage `json:"assignments"`
}

// bulkResponse has one result for each item, in the order of the request.
type bulkResponse struct {
	Results []bulkResult `json:"results"`
}

// bulkResult is the response that a request for this item alone would get: the
// status, and either an assignment or an error.
type bulkResult struct {
	Status     int       `json:"status"`
	Assignment *resource `json:"assignment,omitempty"`
	Error      *problem  `json:"error,omitempty"`
}

// createBulk serves POST /api/assignments/bulk. The items are independent of each
// other. With an Idempotency-Key, a repeated request recognises each item by its
// index.
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
		noteError(w, err) // for the log; each item has its own result
	}
	b.add(results, s.svc.Policy().Lifecycle)
	setRetryAfter(w, b.wait)
	return writeJSON(w, http.StatusMultiStatus, bulkResponse{Results: b.results})
}

// batch is the valid items of a bulk request, and the positions of their results in
// the response.
type batch struct {
	params  []assignment.CreateParams
	at      []int
	results []bulkResult
	wait    int // the longest Retry-After of an item, in seconds
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

// add puts the results of the SDK at the positions of their items.
func (b *batch) add(results []assignment.ItemResult, l assignment.Lifecycle) {
	for n, result := range results {
		if result.Err != nil {
			b.fail(b.at[n], result.Err)
			continue
		}
		a := newResource(asCreated(result.Assignment, l))
		b.results[b.at[n]] = bulkResult{Status: http.StatusCreated, Assignment: &a}
	}
}
