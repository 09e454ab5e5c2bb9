package postgres_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/pgsuite"
)

func TestBatchRejections(t *testing.T) {
	t.Parallel()
	pgsuite.BatchRejections(t, func(t *testing.T) pgsuite.Host {
		pool := mustMigrate(t)
		return hostOn(pool, mustStore(t, pool))
	})
}

// TestBatchDivision covers how many statements it takes to find what a batch fails
// at.
func TestBatchDivision(t *testing.T) {
	const size, rejected = 1000, 123
	create := func(t *testing.T, rule string, opts *assignment.BatchOptions) (results []assignment.ItemResult, trips int64, err error) {
		t.Helper()
		pool, counter := tracedPool(t)
		service := mustService(t, mustStore(t, pool))
		mustExec(t, pool, rule)
		batch := make([]assignment.CreateParams, size)
		for i := range batch {
			batch[i].Key = assignment.Key{AssigneeID: fmt.Sprintf("assignee %03d", i), SubjectID: "subject"}
		}
		batch[rejected].AccountID = "unknown"
		trips = counter.during(func() { results, err = service.CreateMany(t.Context(), batch, opts) })
		return results, trips, err
	}
	all := &assignment.BatchOptions{AllOrNothing: true}
	const trigger = `CREATE FUNCTION reject() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'unknown account'; END $$;
		CREATE TRIGGER reject BEFORE INSERT ON assignments
		FOR EACH ROW WHEN (NEW.account_id = 'unknown') EXECUTE FUNCTION reject()`

	t.Run("one_row_of_a_thousand_takes_two_for_each_halving", func(t *testing.T) {
		results, trips, _ := create(t, trigger, nil)
		for i, r := range results {
			if errors.Is(r.Err, assignment.ErrInvalid) != (i == rejected) {
				t.Errorf("item %d: %v", i, r.Err)
			}
		}
		if trips > 2*10+1 {
			t.Errorf("%d statements", trips)
		}
	})
	t.Run("all_or_nothing_adds_savepoints", func(t *testing.T) {
		_, trips, err := create(t, trigger, all)
		if item, ok := errors.AsType[*assignment.BatchError](err); !ok || item.Index != rejected {
			t.Errorf("got %v, want item %d", err, rejected)
		}
		if trips > 3*(2*10+1)+10 {
			t.Errorf("%d statements", trips)
		}
	})
	for name, rule := range map[string]string{
		"missing_guard":  `DROP INDEX assignments_active_key`,
		"missing_table":  `DROP TABLE assignments`,
		"missing_column": `ALTER TABLE assignments DROP COLUMN metadata`,
	} {
		t.Run(name+"_ends_the_batch_at_once", func(t *testing.T) {
			asked := int64(0)
			if name == "missing_guard" {
				asked = 1 // whether it is the guard or the primary key
			}
			_, trips, err := create(t, rule, nil)
			if !errors.Is(err, assignment.ErrUnguarded) || trips > 1+asked {
				t.Errorf("%d statements, %v", trips, err)
			}
			_, trips, err = create(t, rule, all)
			if !errors.Is(err, assignment.ErrUnguarded) || trips > 3+asked {
				t.Errorf("all or nothing: %d statements, %v", trips, err)
			}
		})
	}
}
