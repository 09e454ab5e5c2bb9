package conformance

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/assignment-go/assignment"
)

// callTracker tracks which calls are running and for how long, to find out whether the
// driver hangs, and where.
type callTracker struct {
	mu      sync.Mutex
	running map[*runningCall]struct{}
	slowest int
}

// runningCall is a call that has not returned.
type runningCall struct {
	call string
	// polls counts how long it has been running.
	polls int
	// parts is how many calls it counts as: a batch takes the time of all its items.
	parts int
}

// pollsPerPart is what compares with other calls.
func (c *runningCall) pollsPerPart() int { return c.polls / c.parts }

func newCallTracker() *callTracker { return &callTracker{running: make(map[*runningCall]struct{})} }

// enter records the start of a call; the returned function records its end.
func (t *callTracker) enter(call string) func() { return t.enterParts(call, 1) }

// itemsPerPart is how many items of a batch have the time of one call.
const itemsPerPart = 100

// enterBatch is enter for a call with that many items.
func (t *callTracker) enterBatch(call string, items int) func() {
	return t.enterParts(call, 1+items/itemsPerPart)
}

func (t *callTracker) enterParts(call string, parts int) func() {
	c := &runningCall{call: call, parts: parts}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.running[c] = struct{}{}
	return func() { t.leave(c) }
}

func (t *callTracker) leave(c *runningCall) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.running, c)
	t.slowest = max(t.slowest, c.pollsPerPart())
}

// poll adds one poll to each running call. It returns the polls of the oldest of them,
// and those of the slowest call that has returned.
func (t *callTracker) poll() (oldest, slowest int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for c := range t.running {
		c.polls++
		oldest = max(oldest, c.pollsPerPart())
	}
	return oldest, t.slowest
}

// String lists the running calls.
func (t *callTracker) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	counts := make(map[string]int)
	for c := range t.running {
		counts[c.call]++
	}
	if len(counts) == 0 {
		return "no call is running"
	}
	running := make([]string, 0, len(counts))
	for call, n := range counts {
		running = append(running, fmt.Sprintf("%d × %s", n, call))
	}
	slices.Sort(running)
	return "no return from " + strings.Join(running, ", ")
}

// tx tracks the calls of a transaction of the host.
func (t *callTracker) tx(tx Tx) Tx {
	during := func(call string, end func(context.Context) error) func(context.Context) error {
		return func(ctx context.Context) error {
			defer t.enter(call)()
			return end(ctx)
		}
	}
	return Tx{Store: t.on(tx.Store), Commit: during("Tx.Commit", tx.Commit), Rollback: during("Tx.Rollback", tx.Rollback)}
}

// on tracks the calls of a store. The result implements the same optional interfaces.
func (t *callTracker) on(store assignment.Store) assignment.Store {
	calls := trackedStore{store, t}
	replacer, replaces := store.(assignment.Replacer)
	creator, creates := store.(assignment.BatchCreator)
	switch {
	case replaces && creates:
		return struct {
			trackedStore
			trackedReplacer
			trackedBatchCreator
		}{calls, trackedReplacer{t, replacer}, trackedBatchCreator{t, creator}}
	case replaces:
		return struct {
			trackedStore
			trackedReplacer
		}{calls, trackedReplacer{t, replacer}}
	case creates:
		return struct {
			trackedStore
			trackedBatchCreator
		}{calls, trackedBatchCreator{t, creator}}
	default:
		return calls
	}
}

type trackedStore struct {
	assignment.Store
	calls *callTracker
}

// MakesIDs implements assignment.IDMaker.
func (s trackedStore) MakesIDs() bool {
	maker, ok := s.Store.(assignment.IDMaker)
	return ok && maker.MakesIDs()
}

func (s trackedStore) Create(ctx context.Context, a assignment.Assignment) (assignment.Result, error) {
	defer s.calls.enter("Create")()
	return s.Store.Create(ctx, a)
}

// CreateNew implements assignment.NewIDCreator. For a store that does not, it calls
// Create, as Service does.
func (s trackedStore) CreateNew(ctx context.Context, a assignment.Assignment) (assignment.Result, error) {
	creator, ok := s.Store.(assignment.NewIDCreator)
	if !ok {
		return s.Create(ctx, a)
	}
	defer s.calls.enter("CreateNew")()
	return creator.CreateNew(ctx, a)
}

func (s trackedStore) Update(ctx context.Context, id assignment.ID, c assignment.Change) (assignment.Assignment, error) {
	defer s.calls.enter("Update")()
	return s.Store.Update(ctx, id, c)
}

func (s trackedStore) Get(ctx context.Context, id assignment.ID) (assignment.Assignment, error) {
	defer s.calls.enter("Get")()
	return s.Store.Get(ctx, id)
}

func (s trackedStore) FindActive(ctx context.Context, k assignment.Key) (assignment.Assignment, error) {
	defer s.calls.enter("FindActive")()
	return s.Store.FindActive(ctx, k)
}

func (s trackedStore) List(ctx context.Context, q assignment.Query) ([]assignment.Assignment, error) {
	defer s.calls.enter("List")()
	return s.Store.List(ctx, q)
}

func (s trackedStore) Count(ctx context.Context, q assignment.Query) (int64, error) {
	defer s.calls.enter("Count")()
	return s.Store.Count(ctx, q)
}

type trackedReplacer struct {
	calls    *callTracker
	replacer assignment.Replacer
}

func (s trackedReplacer) Replace(ctx context.Context, next assignment.Assignment, retireTo assignment.Status) (assignment.Result, error) {
	defer s.calls.enter("Replace")()
	return s.replacer.Replace(ctx, next, retireTo)
}

type trackedBatchCreator struct {
	calls   *callTracker
	creator assignment.BatchCreator
}

func (s trackedBatchCreator) CreateMany(
	ctx context.Context, batch []assignment.Assignment, opts assignment.BatchOptions,
) ([]assignment.ItemResult, error) {
	defer s.calls.enterBatch("CreateMany", len(batch))()
	return s.creator.CreateMany(ctx, batch, opts)
}
