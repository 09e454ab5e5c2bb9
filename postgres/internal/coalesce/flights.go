package coalesce

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// Flights lets one call per key, the leader, go before the others that want the
// same at the same time. It answers nothing for them: when the leader is done each
// does its own work, which by then is cheaper. The zero value is not usable; see
// [NewFlights].
type Flights[K comparable] struct {
	patience time.Duration
	// cells are the leaders. Keys that share a cell don't wait for each other: one
	// of them goes without a leader.
	cells [1 << 10]atomic.Pointer[Leader[K]]
}

// NewFlights returns flights whose waiters wait no longer than until that much
// time has passed since their leader went: one that hangs is waited for once.
func NewFlights[K comparable](patience time.Duration) *Flights[K] {
	return &Flights[K]{patience: patience}
}

// Leader is a call that goes first.
type Leader[K comparable] struct {
	cell  *atomic.Pointer[Leader[K]]
	key   K
	since time.Time

	mu sync.Mutex
	// waiters is made by the first one; most leaders have none.
	waiters chan struct{}
	done    bool
}

// Enter makes the caller the leader for its key, who must call Done, or waits for
// the leader and returns nil. The hash is that of the key. The error is the
// context's.
func (f *Flights[K]) Enter(ctx context.Context, hash uint64, key K) (*Leader[K], error) {
	cell := &f.cells[hash%uint64(len(f.cells))]
	own := &Leader[K]{cell: cell, key: key, since: time.Now()}
	if cell.CompareAndSwap(nil, own) {
		return own, nil
	}
	leader := cell.Load()
	if leader == nil || leader.key != key {
		return nil, nil
	}
	left := f.patience - own.since.Sub(leader.since)
	if left <= 0 {
		return nil, nil
	}
	timer := time.NewTimer(left)
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
	l.cell.Store(nil)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.done = true
	if l.waiters != nil {
		close(l.waiters)
	}
}
