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

// sparse keeps what some existing tables keep: no times, no version, no
// fingerprint, and IDs of its own.
type sparse struct {
	*lab

	// made counts the IDs; nil leaves them to the client.
	made *atomic.Int64
}

func newSparse(d *lab, made *atomic.Int64) sparse {
	keep := d.keep
	d.keep = func(a assignment.Assignment) assignment.Assignment { return forget(keep(a)) }
	d.give = d.keep
	return sparse{d, made}
}

func forget(a assignment.Assignment) assignment.Assignment {
	a.CreatedAt, a.UpdatedAt, a.CompletedAt, a.Version = time.Time{}, time.Time{}, time.Time{}, 0
	a.Request = ""
	return a
}

func (s sparse) MakesIDs() bool { return s.made != nil }

func (s sparse) named(a assignment.Assignment) assignment.Assignment {
	if s.made == nil {
		return a
	}
	a.ID = assignment.ID(fmt.Sprintf("row-%06d", s.made.Add(1)))
	return a
}

func (s sparse) Create(ctx context.Context, a assignment.Assignment) (assignment.Result, error) {
	return s.lab.Create(ctx, s.named(a))
}

func (s sparse) Replace(ctx context.Context, next assignment.Assignment, to assignment.Status) (assignment.Result, error) {
	return s.lab.Replace(ctx, s.named(next), to)
}

func (s sparse) CreateMany(
	ctx context.Context, batch []assignment.Assignment, opts assignment.BatchOptions,
) ([]assignment.ItemResult, error) {
	rows := make([]assignment.Assignment, len(batch))
	for i, a := range batch {
		rows[i] = s.named(a)
	}
	return s.lab.CreateMany(ctx, rows, opts)
}

func (s sparse) Update(ctx context.Context, id assignment.ID, c assignment.Change) (assignment.Assignment, error) {
	if c.IfVersion != 0 {
		return assignment.Assignment{}, lacking(conformance.AbilityIfVersion)
	}
	return s.lab.Update(ctx, id, c)
}

func absences(abilities ...conformance.Ability) []conformance.Absence {
	absent := make([]conformance.Absence, len(abilities))
	for i, ability := range abilities {
		absent[i] = conformance.Absence{Ability: ability, Reason: "the driver is sparse"}
	}
	return absent
}

// TestSparse is the suite on stores that keep less, and are declared to.
func TestSparse(t *testing.T) {
	times := []conformance.Ability{
		conformance.AbilityCreatedAt, conformance.AbilityUpdatedAt, conformance.AbilityCompletedAt, conformance.AbilityIfVersion,
		conformance.AbilityRequest,
	}
	t.Run("no_times_no_version_and_no_fingerprint", func(t *testing.T) {
		conformance.Run(t, conformance.Harness{
			Open:   opener(func(d *lab) assignment.Store { return newSparse(d, nil) }),
			Quick:  true,
			Absent: absences(times...),
		})
	})
	t.Run("ids_of_its_own", func(t *testing.T) {
		var made atomic.Int64
		conformance.Run(t, conformance.Harness{
			Open:   opener(func(d *lab) assignment.Store { return newSparse(d, &made) }),
			Quick:  true,
			Absent: absences(append(times, conformance.AbilityClientIDs)...),
		})
	})
	for ability, rule := range map[conformance.Ability]string{
		conformance.AbilityCreatedAt:   "create/stores_the_row_as_asked",
		conformance.AbilityUpdatedAt:   "create/stores_the_row_as_asked",
		conformance.AbilityRequest:     "create/stores_the_row_as_asked",
		conformance.AbilityCompletedAt: "completion/time_is_set_while_terminal",
		conformance.AbilityIfVersion:   "store/absent_abilities_answer_unsupported",
		conformance.AbilityClientIDs:   "store/absent_abilities_answer_unsupported",
	} {
		t.Run("declared_absent_but_there/"+string(ability), func(t *testing.T) {
			h := memoryHarness()
			h.Absent = absences(ability)
			wantFinding(t, h, rule, "")
		})
	}
}
