package conformance

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/assignment-go/assignment"
)

// watch knows which calls a driver has not returned from, to name them when it
// hangs.
type watch struct {
	mu    sync.Mutex
	calls map[string]int
}

func newWatch() *watch { return &watch{calls: make(map[string]int)} }

// enter notes a call; the returned function notes its end.
func (w *watch) enter(call string) func() {
	w.add(call, 1)
	return func() { w.add(call, -1) }
}

func (w *watch) add(call string, n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls[call] += n
}

// String names the calls under way.
func (w *watch) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var running []string
	for call, n := range w.calls {
		if n > 0 {
			running = append(running, fmt.Sprintf("%d × %s", n, call))
		}
	}
	if len(running) == 0 {
		return "no call is under way"
	}
	slices.Sort(running)
	return "not returned from " + strings.Join(running, ", ")
}

// on wraps a store; what the store is able to do shows through.
func (w *watch) on(store assignment.Store) assignment.Store {
	calls := watched{store, w}
	replacer, replaces := store.(assignment.Replacer)
	creator, creates := store.(assignment.BatchCreator)
	switch {
	case replaces && creates:
		return struct {
			watched
			watchedReplacer
			watchedBatchCreator
		}{calls, watchedReplacer{w, replacer}, watchedBatchCreator{w, creator}}
	case replaces:
		return struct {
			watched
			watchedReplacer
		}{calls, watchedReplacer{w, replacer}}
	case creates:
		return struct {
			watched
			watchedBatchCreator
		}{calls, watchedBatchCreator{w, creator}}
	default:
		return calls
	}
}

type watched struct {
	assignment.Store
	watch *watch
}

// MakesIDs implements assignment.IDMaker for stores that do.
func (s watched) MakesIDs() bool {
	maker, ok := s.Store.(assignment.IDMaker)
	return ok && maker.MakesIDs()
}

func (s watched) Create(ctx context.Context, a assignment.Assignment) (assignment.Result, error) {
	defer s.watch.enter("Create")()
	return s.Store.Create(ctx, a)
}

func (s watched) Update(ctx context.Context, id assignment.ID, c assignment.Change) (assignment.Assignment, error) {
	defer s.watch.enter("Update")()
	return s.Store.Update(ctx, id, c)
}

func (s watched) Get(ctx context.Context, id assignment.ID) (assignment.Assignment, error) {
	defer s.watch.enter("Get")()
	return s.Store.Get(ctx, id)
}

func (s watched) FindActive(ctx context.Context, k assignment.Key) (assignment.Assignment, error) {
	defer s.watch.enter("FindActive")()
	return s.Store.FindActive(ctx, k)
}

func (s watched) List(ctx context.Context, q assignment.Query) ([]assignment.Assignment, error) {
	defer s.watch.enter("List")()
	return s.Store.List(ctx, q)
}

func (s watched) Count(ctx context.Context, q assignment.Query) (int64, error) {
	defer s.watch.enter("Count")()
	return s.Store.Count(ctx, q)
}

type watchedReplacer struct {
	watch    *watch
	replacer assignment.Replacer
}

func (s watchedReplacer) Replace(ctx context.Context, next assignment.Assignment, retireTo assignment.Status) (assignment.Result, error) {
	defer s.watch.enter("Replace")()
	return s.replacer.Replace(ctx, next, retireTo)
}

type watchedBatchCreator struct {
	watch   *watch
	creator assignment.BatchCreator
}

func (s watchedBatchCreator) CreateMany(
	ctx context.Context, batch []assignment.Assignment, opts assignment.BatchOptions,
) ([]assignment.ItemResult, error) {
	defer s.watch.enter("CreateMany")()
	return s.creator.CreateMany(ctx, batch, opts)
}
