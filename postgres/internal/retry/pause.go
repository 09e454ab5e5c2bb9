package retry

import (
	"context"
	"math/rand/v2"
	"time"
)

// The pauses before a statement is sent again.
const (
	firstPause = 5 * time.Millisecond
	maxPause   = time.Second
)

// Pause waits before the next attempt, the longer the more there were.
func (a Attempts) Pause(ctx context.Context) error {
	return Pause(ctx, a.Statements+a.resends+a.unsent)
}

// Pause waits for a jittered time, which doubles with each attempt, or until the
// context ends. The error is the context's; the first attempt is 1.
func Pause(ctx context.Context, attempt int) error {
	limit := min(firstPause<<min(attempt-1, 16), maxPause)
	timer := time.NewTimer(limit/2 + rand.N(limit/2))
	defer timer.Stop()
	select {
	case <-timer.C:
		return ctx.Err()
	case <-ctx.Done():
		return ctx.Err()
	}
}
