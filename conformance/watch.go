package conformance

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/assignment-go/assignment"
)

// watch knows which calls a driver has not returned from, and for how long, to
// tell that it hangs and where.
type watch struct {
	mu      sync.Mutex
	running map[*underWay]struct{}
	slowest int
}

// underWay is a call that has not returned.
type underWay struct {
	call  string
	beats int
}

func newWatch() *watch { return &watch{running: make(map[*underWay]struct{})} }

// enter notes a call; the returned function notes its end.
func (w *watch) enter(call string) func() {
	c := &underWay{call: call}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.running[c] = struct{}{}
	return func() { w.leave(c) }
}

func (w *watch) leave(c *underWay) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.running, c)
	w.slowest = max(w.slowest, c.beats)
}

// beat makes all calls that are under way a beat older. It returns the age of
// the oldest of them, and that of the slowest call that has returned.
func (w *watch) beat() (oldest, slowest int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for c := range w.running {
		c.beats++
		oldest = max(oldest, c.beats)
	}
	return oldest, w.slowest
}

// String names the calls under way.
func (w *watch) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	counts := make(map[string]int)
	for c := range w.running {
		counts[c.call]++
	}
	if len(counts) == 0 {
		return "no call is under way"
	}
	running := make([]string, 0, len(counts))
	for call, n := range counts {
		running = append(running, fmt.Sprintf("%d × %s", n, call))
	}
	slices.Sort(running)
	return "not returned from " + strings.Join(running, ", ")
}

// tx wraps a transaction of the host.
func (w *watch) tx(tx Tx) Tx {
	during := func(call string, end func(context.Context) error) func(context.Context) error {
		return func(ctx context.Context) error {
			defer w.enter(call)()
			return end(ctx)
		}
	}
	return Tx{Store: w.on(tx.Store), Commit: during("Tx.Commit", tx.Commit), Rollback: during("Tx.Rollback", tx.Rollback)}
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

// CreateNew implements assignment.NewIDCreator. For stores that don't it does
// what Service would.
func (s watched) CreateNew(ctx context.Context, a assignment.Assignment) (assignment.Result, error) {
	creator, ok := s.Store.(assignment.NewIDCreator)
	if !ok {
		return s.Create(ctx, a)
	}
	defer s.watch.enter("CreateNew")()
	return creator.CreateNew(ctx, a)
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
