package postgres_test

import (
	"errors"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres"
	"github.com/assignment-go/assignment/postgres/internal/pgsuite"
)

func TestSharing(t *testing.T) {
	pgsuite.Sharing(t, func(t *testing.T) pgsuite.Host {
		t.Helper()
		pool, _ := tracedPool(t)
		return hostOn(pool, mustStore(t, pool))
	})
	t.Run("unless_each_call_is_to_send_its_own", func(t *testing.T) {
		pool, _ := tracedPool(t)
		store, err := postgres.New(t.Context(), pool, &postgres.Options{OwnStatements: true})
		if err != nil {
			t.Fatal(err)
		}
		pgsuite.NotSharing(t, hostOn(pool, store))
	})
}

// A repeated ID is nobody's row but the first one's.
func TestSharingUnderRepeatedIDs(t *testing.T) {
	pool, _ := tracedPool(t)
	store := mustStore(t, pool)
	service, err := assignment.NewService(store, &assignment.Options{NewID: func() assignment.ID { return "always" }})
	if err != nil {
		t.Fatal(err)
	}
	store.SupposeFree()
	var created, reused atomic.Int64
	var wg sync.WaitGroup
	for i := range 100 {
		wg.Go(func() {
			switch _, err := service.Create(t.Context(), paramsFor("repeated "+strconv.Itoa(i))); {
			case err == nil:
				created.Add(1)
			case errors.Is(err, assignment.ErrIDReused):
				reused.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if created.Load() != 1 || reused.Load() != 99 {
		t.Errorf("%d created and %d refused, want 1 and 99", created.Load(), reused.Load())
	}
}
