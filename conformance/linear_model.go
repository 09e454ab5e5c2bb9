package conformance

import (
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
	"time"

	"github.com/assignment-go/assignment"
)

// row is an assignment in a comparable form.
type row struct {
	id        assignment.ID
	key       assignment.Key
	status    assignment.Status
	version   int64
	created   int64
	updated   int64
	completed int64
	// content is the attributes of the request besides the key, request its fingerprint.
	content, request string
}

func rowOf(a assignment.Assignment) row {
	metadata := ""
	if len(a.Metadata) > 0 {
		metadata = fmt.Sprintf("%#v", a.Metadata) // fmt sorts the keys
	}
	return row{
		id: a.ID, key: a.Key, status: a.Status, version: a.Version,
		created: a.CreatedAt.UnixMicro(), updated: a.UpdatedAt.UnixMicro(), completed: a.CompletedAt.UnixMicro(),
		content: fmt.Sprintf("by %q account %q due %d metadata %s", a.AssignedBy, a.AccountID, a.DueAt.UnixMicro(), metadata),
		request: a.Request,
	}
}

func rowsOf(all []assignment.Assignment) []row {
	rows := make([]row, len(all))
	for i, a := range all {
		rows[i] = rowOf(a)
	}
	return rows
}

// repeats is Assignment.SameRequest.
func (r row) repeats(asked row) bool {
	a := assignment.Assignment{ID: r.id, Key: r.key, Request: r.request}
	return a.SameRequest(assignment.Assignment{ID: asked.id, Key: asked.key, Request: asked.request})
}

// changed is the row after a change, by Change.Apply, which drivers use, too.
func (r row) changed(c assignment.Change, l assignment.Lifecycle) (row, error) {
	next, err := c.Apply(assignment.Assignment{
		ID: r.id, Key: r.key, Status: r.status, Version: r.version,
		UpdatedAt: time.UnixMicro(r.updated), CompletedAt: time.UnixMicro(r.completed),
	}, l)
	if err != nil {
		return row{}, err
	}
	r.key, r.status, r.version = next.Key, next.Status, next.Version
	r.updated, r.completed = next.UpdatedAt.UnixMicro(), next.CompletedAt.UnixMicro()
	return r, nil
}

// modelState is the rows of a store at one moment, in the order of List. It is immutable.
type modelState []row

func (m modelState) get(id assignment.ID) (row, bool) {
	return m.first(func(r row) bool { return r.id == id })
}

// holder is the row that holds the slot, unless it has the ID.
func (m modelState) holder(k assignment.Key, except assignment.ID, l assignment.Lifecycle) (row, bool) {
	return m.first(func(r row) bool { return r.id != except && r.key == k && !l.IsTerminal(r.status) })
}

func (m modelState) first(is func(row) bool) (row, bool) {
	i := slices.IndexFunc(m, is)
	if i < 0 {
		return row{}, false
	}
	return m[i], true
}

// with returns a state in which r replaces its former state, or is new.
func (m modelState) with(r row) modelState {
	next := make(modelState, 0, len(m)+1)
	for _, old := range m {
		if old.id != r.id {
			next = append(next, old)
		}
	}
	at, _ := slices.BinarySearchFunc(next, r, func(a, b row) int {
		return a.cursor().Compare(b.cursor())
	})
	return slices.Insert(next, at, r)
}

func (r row) cursor() assignment.Cursor {
	return assignment.Cursor{CreatedAt: time.UnixMicro(r.created), ID: r.id}
}

func (m modelState) equal(v modelState) bool { return slices.Equal(m, v) }

// hash is equal for equal states.
func (m modelState) hash() uint64 {
	h := fnv.New64a()
	for _, r := range m {
		_, _ = fmt.Fprintf(h, "%s %s %s %d;", r.id, r.key.AssigneeID, r.status, r.version)
	}
	return h.Sum64()
}

// String describes a state for the visualisation.
func (m modelState) String() string {
	lines := make([]string, len(m))
	for i, r := range m {
		lines[i] = fmt.Sprintf("%s of %s: %s, version %d", r.id, r.key.AssigneeID, r.status, r.version)
	}
	return strings.Join(lines, "; ")
}
