package pgdb

import (
	"context"
	"sync"
)

// connectionLocks holds one entry per connection that is in use or waited for.
var connectionLocks = struct { //nolint:gochecknoglobals // stores that know nothing of each other share connections
	sync.Mutex
	of map[any]*connectionLock
}{of: make(map[any]*connectionLock)}

// connectionLock is held by the one that filled its channel.
type connectionLock struct {
	held chan struct{}
	// users counts the holder and those that wait; the last one removes the entry.
	users int
}

// LockConnection lets one call at a time use a connection, whichever stores the
// calls come from: a host may open several on one transaction, and their
// savepoints and statements must not mix. It waits until no other call uses the
// connection, and holds it until unlock is called. A connection is any comparable
// value that is the same for all handles that lead to it. The error is the
// context's.
func LockConnection(ctx context.Context, connection any) (unlock func(), err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	l := enterConnection(connection)
	select {
	case l.held <- struct{}{}:
		return func() {
			<-l.held
			leaveConnection(connection, l)
		}, nil
	case <-ctx.Done():
		leaveConnection(connection, l)
		return nil, ctx.Err()
	}
}

func enterConnection(connection any) *connectionLock {
	connectionLocks.Lock()
	defer connectionLocks.Unlock()
	l := connectionLocks.of[connection]
	if l == nil {
		l = &connectionLock{held: make(chan struct{}, 1)}
		connectionLocks.of[connection] = l
	}
	l.users++
	return l
}

func leaveConnection(connection any, l *connectionLock) {
	connectionLocks.Lock()
	defer connectionLocks.Unlock()
	l.users--
	if l.users == 0 {
		delete(connectionLocks.of, connection)
	}
}
