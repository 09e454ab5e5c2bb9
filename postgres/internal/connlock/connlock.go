// Package connlock lets one call at a time use a connection, whichever stores
// the calls come from: a host may open several on one transaction, and their
// savepoints and statements must not mix.
package connlock

import (
	"context"
	"sync"
)

// locks holds one entry per connection that is in use or waited for.
var locks = struct { //nolint:gochecknoglobals // stores that know nothing of each other share connections
	sync.Mutex
	of map[any]*lock
}{of: make(map[any]*lock)}

// lock is held by whoever filled its channel.
type lock struct {
	held chan struct{}
	// users counts the holder and those who wait; the last one removes the entry.
	users int
}

// Lock waits until nobody else uses the connection and keeps it until unlock is
// called. A connection is any comparable value that is the same for all handles
// that lead to it. The error is the context's.
func Lock(ctx context.Context, connection any) (unlock func(), err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	l := enter(connection)
	select {
	case l.held <- struct{}{}:
		return func() {
			<-l.held
			leave(connection, l)
		}, nil
	case <-ctx.Done():
		leave(connection, l)
		return nil, ctx.Err()
	}
}

func enter(connection any) *lock {
	locks.Lock()
	defer locks.Unlock()
	l := locks.of[connection]
	if l == nil {
		l = &lock{held: make(chan struct{}, 1)}
		locks.of[connection] = l
	}
	l.users++
	return l
}

func leave(connection any, l *lock) {
	locks.Lock()
	defer locks.Unlock()
	l.users--
	if l.users == 0 {
		delete(locks.of, connection)
	}
}
