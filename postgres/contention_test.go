package postgres_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/pgsuite"
)

func TestContention(t *testing.T) {
	pgsuite.Contention(t, func(t *testing.T) pgsuite.Host {
		pool := mustMigrate(t)
		return hostOn(pool, mustStore(t, pool))
	})
}

func TestPoolExhaustion(t *testing.T) {
	pool := mustMigrate(t)
	service := mustService(t, mustStore(t, pool))
	for range pool.Config().MaxConns {
		mustAcquire(t, pool)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	_, err := service.Create(ctx, paramsFor("nobody"))
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want the context's error", err)
	}
	if errors.Is(err, assignment.ErrUnknownOutcome) || errors.Is(err, assignment.ErrActiveExists) {
		t.Errorf("got %v for a call that never had a connection", err)
	}
}

// mustAcquire keeps a connection until the end of the test, before the pool is
// closed.
