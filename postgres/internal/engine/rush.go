package engine

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"
)

// maxUnderWay is how many calls of a kind are under way at once before further
// ones gather. It keeps the server busy and the wait for a turn short.
const maxUnderWay = 4

// maxGathered bounds the calls that one statement answers.
const maxGathered = 256

// rush lets calls on one pool that want the same kind of thing at the same time
// share statements: most of what a short statement costs is sending it. Who finds
// few under way goes alone and at once.
type rush[T comparable, A any] struct {
	// patience bounds the wait for a turn; zero for none.
	patience time.Duration

	mu       sync.Mutex
	underWay int
	next     *gathering[T, A]
}

// gathering is calls that wait for their turn and then are one statement. The
// call that began it leads: it sends the statement for all.
type gathering[T comparable, A any] struct {
	items []T
	// sealed means that the items are on their way.
	sealed bool
	// turn tells the leader to go.
	turn chan struct{}
	// done tells the others that the rest is final.
	done   chan struct{}
	answer A
	err    error
}

// errAlone tells those who gathered that each has to go alone, since nothing was
// done for all of them.
var errAlone = errors.New("the statement that was to answer several calls did nothing")

// join returns nil to who may go alone, and then must leave.
func (r *rush[T, A]) join(item T) (g *gathering[T, A], lead bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.underWay < maxUnderWay || r.next != nil && len(r.next.items) >= maxGathered {
		r.underWay++
		return nil, false
	}
	if r.next == nil {
		r.next = &gathering[T, A]{turn: make(chan struct{}), done: make(chan struct{})}
		lead = true
	}
	r.next.items = append(r.next.items, item)
	return r.next, lead
}

// leave gives the turn to those who have gathered meanwhile.
func (r *rush[T, A]) leave() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.next == nil {
		r.underWay--
		return
	}
	close(r.next.turn)
	r.next = nil
}

// lead has the statement of the gathering sent when it is its turn. Who sends it
// seals the gathering once there is a connection, and gets its items. A leader that
// does not want to wait for the turn dissolves it.
func (r *rush[T, A]) lead(ctx context.Context, g *gathering[T, A], send func(seal func() []T) (A, error)) {
	defer close(g.done)
	g.err = errAlone
	var impatient <-chan time.Time
	if r.patience > 0 {
		timer := time.NewTimer(r.patience)
		defer timer.Stop()
		impatient = timer.C
	}
	select {
	case <-g.turn:
	case <-impatient:
		r.depart(g)
	case <-ctx.Done():
		if r.resign(g) {
			return
		}
	}
	defer r.leave()
	g.answer, g.err = send(func() []T { return r.seal(g) })
}

func (r *rush[T, A]) seal(g *gathering[T, A]) []T {
	r.mu.Lock()
	defer r.mu.Unlock()
	g.sealed = true
	return g.items
}

// depart takes the turn, unless it was given meanwhile.
func (r *rush[T, A]) depart(g *gathering[T, A]) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.next == g {
		r.next = nil
		r.underWay++
	}
}

// resign reports whether the gathering was dissolved before it got its turn.
func (r *rush[T, A]) resign(g *gathering[T, A]) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.next != g {
		return false
	}
	r.next = nil
	return true
}

// wait returns nil when the gathering is done. A context that ends before has the
// item taken back, unless the gathering was sealed: then it was not sent.
func (r *rush[T, A]) wait(ctx context.Context, g *gathering[T, A], item T) error {
	select {
	case <-g.done:
		return nil
	case <-ctx.Done():
	}
	if r.withdraw(g, item) {
		return NotSent(ctx.Err())
	}
	select {
	case <-g.done: // at the same time
		return nil
	default:
		return ctx.Err()
	}
}

// withdraw reports whether the item was taken back before it was sent.
func (r *rush[T, A]) withdraw(g *gathering[T, A], item T) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if g.sealed {
		return false
	}
	if i := slices.Index(g.items, item); i >= 0 {
		g.items = slices.Delete(g.items, i, i+1)
	}
	return true
}
