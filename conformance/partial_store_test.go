package conformance_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/conformance"
)

// partialStore stores only what some existing tables can: no times, no version and no
// fingerprint. It may make the IDs itself.
type partialStore struct {
	*driver

	// made counts the IDs that the store makes; nil when clients make them.
	made *atomic.Int64
}

func newPartialStore(d *driver, made *atomic.Int64) partialStore {
	toStored := d.toStored
	d.toStored = func(a assignment.Assignment) assignment.Assignment { return forget(toStored(a)) }
	d.toReturned = d.toStored
	return partialStore{d, made}
}

func forget(a assignment.Assignment) assignment.Assignment {
	a.CreatedAt, a.UpdatedAt, a.CompletedAt, a.Version = time.Time{}, time.Time{}, time.Time{}, 0
	a.Request = ""
	return a
}

func (s partialStore) MakesIDs() bool { return s.made != nil }

func (s partialStore) named(a assignment.Assignment) assignment.Assignment {
	if s.made == nil {
		return a
	}
	a.ID = assignment.ID(fmt.Sprintf("row-%06d", s.made.Add(1)))
	return a
}

func (s partialStore) Create(ctx context.Context, a assignment.Assignment) (assignment.Result, error) {
	return s.driver.Create(ctx, s.named(a))
}

func (s partialStore) Replace(ctx context.Context, next assignment.Assignment, to assignment.Status) (assignment.Result, error) {
	return s.driver.Replace(ctx, s.named(next), to)
}

func (s partialStore) CreateMany(
	ctx context.Context, batch []assignment.Assignment, opts assignment.BatchOptions,
) ([]assignment.ItemResult, error) {
	rows := make([]assignment.Assignment, len(batch))
	for i, a := range batch {
		rows[i] = s.named(a)
	}
	return s.driver.CreateMany(ctx, rows, opts)
}

func (s partialStore) Update(ctx context.Context, id assignment.ID, c assignment.Change) (assignment.Assignment, error) {
	if c.IfVersion != 0 {
		return assignment.Assignment{}, lacking(conformance.AbilityIfVersion)
	}
	return s.driver.Update(ctx, id, c)
}

func absences(abilities ...conformance.Ability) []conformance.Absence {
	absent := make([]conformance.Absence, len(abilities))
	for i, ability := range abilities {
		absent[i] = conformance.Absence{Ability: ability, Reason: "the driver does not store it"}
	}
	return absent
}

// TestPartialStore runs the suite on stores that are declared to store less.
func TestPartialStore(t *testing.T) {
	times := []conformance.Ability{
		conformance.AbilityCreatedAt, conformance.AbilityUpdatedAt, conformance.AbilityCompletedAt, conformance.AbilityIfVersion,
		conformance.AbilityRequest,
	}
	t.Run("no_times_no_version_and_no_fingerprint", func(t *testing.T) {
		conformance.Run(t, conformance.Harness{
			Open:   opener(func(d *driver) assignment.Store { return newPartialStore(d, nil) }),
			Quick:  true,
			Absent: absences(times...),
		})
	})
	t.Run("ids_made_by_the_store", func(t *testing.T) {
		var made atomic.Int64
		conformance.Run(t, conformance.Harness{
			Open:   opener(func(d *driver) assignment.Store { return newPartialStore(d, &made) }),
			Quick:  true,
			Absent: absences(append(times, conformance.AbilityClientIDs)...),
		})
	})
	for ability, rule := range map[conformance.Ability]string{
		conformance.AbilityCreatedAt:   "create/stores_the_row_as_given",
		conformance.AbilityUpdatedAt:   "create/stores_the_row_as_given",
		conformance.AbilityRequest:     "create/stores_the_row_as_given",
		conformance.AbilityCompletedAt: "completion/time_is_set_in_terminal_statuses",
		conformance.AbilityIfVersion:   "store/absent_abilities_return_unsupported",
		conformance.AbilityClientIDs:   "store/absent_abilities_return_unsupported",
	} {
		t.Run("declared_absent_but_there/"+string(ability), func(t *testing.T) {
			h := memoryHarness()
			h.Absent = absences(ability)
			wantFinding(t, h, rule, "")
		})
	}
}
