//go:build unix && !solaris && !aix

package jsonfilestore

import (
	"context"
	"errors"
	"os"
	"syscall"
	"time"
)

// pause is how long a writer waits before it tries to lock again.
const pause = 200 * time.Microsecond

// lock waits for the lock on a file until ctx ends. The kernel releases the lock when
// its process dies, so that no lock is ever stale. Each call opens the file anew,
// which makes flock exclude two stores of one process as well.
func lock(ctx context.Context, path string) (unlock func(), err error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600) //nolint:gosec // the host names the directory
	if err != nil {
		return nil, unavailable(err)
	}
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return func() { _ = f.Close() }, nil
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) && !errors.Is(err, syscall.EINTR) {
			_ = f.Close()
			return nil, unavailable(err)
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			_ = f.Close()
			return nil, ctx.Err()
		}
	}
}
