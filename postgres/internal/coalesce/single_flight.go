package coalesce

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// SingleFlight lets one call per key, the leader, go ahead of the others that want
// the same at the same time. They share no result: when the leader is done each does
// its own work, which by then is cheaper. The zero value is not usable; see
// [NewSingleFlight].
type SingleFlight[K comparable] struct {
	maxAge time.Duration
	// leaders has one place for many keys. Where two keys meet, the later one has no
	// leader.
	leaders [1 << 10]atomic.Pointer[Leader[K]]
}

// NewSingleFlight returns a single-flight whose waiters wait for no leader that is
// older than that: one that hangs is waited for once.
func NewSingleFlight[K comparable](maxAge time.Duration) *SingleFlight[K] {
	return &SingleFlight[K]{maxAge: maxAge}
}

// Leader is a call that goes first.
type Leader[K comparable] struct {
	place *atomic.Pointer[Leader[K]]
	key   K
	since time.Time

	mu sync.Mutex
	// waiters is made by the first one; most leaders have none.
	waiters chan struct{}
	done    bool
}

// Enter makes the caller the leader for its key, which must call Done, or waits for
// the leader and returns nil. The hash is that of the key. The error is the
// context's.
func (f *SingleFlight[K]) Enter(ctx context.Context, hash uint64, key K) (*Leader[K], error) {
	place := &f.leaders[hash%uint64(len(f.leaders))]
	entered := &Leader[K]{place: place, key: key, since: time.Now()}
	if place.CompareAndSwap(nil, entered) {
		return entered, nil
	}
	leader := place.Load()
	if leader == nil || leader.key != key {
		return nil, nil
	}
	remaining := f.maxAge - entered.since.Sub(leader.since)
	if remaining <= 0 {
		return nil, nil
	}
	timer := time.NewTimer(remaining)
	defer timer.Stop()
	select {
	case <-leader.wait():
	case <-timer.C:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return nil, nil
}

// wait returns what is closed when the leader is done.
func (l *Leader[K]) wait() <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.waiters == nil {
		l.waiters = make(chan struct{})
		if l.done {
			close(l.waiters)
		}
	}
	return l.waiters
}

// Done lets the waiters go. A nil leader has none.
func (l *Leader[K]) Done() {
	if l == nil {
		return
	}
	l.place.Store(nil)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.done = true
	if l.waiters != nil {
		close(l.waiters)
	}
}
