package pgsuite

import (
	"cmp"
	"context"
	"errors"
	"testing"

	"github.com/assignment-go/assignment"
)

// Isolation checks every cell of the table in docs/postgres.md: what the caller
// of a rejected or successful operation gets inside a transaction of its own, on
// each isolation level, when the competitor committed before the transaction took
// its snapshot and when it did so after. The Host's table must be empty.
func Isolation(t *testing.T, open func(*testing.T) Host) {
	t.Helper()
	for _, level := range []string{"READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"} {
		invisible := assignment.ErrRetryTransaction
		if level == "READ COMMITTED" {
			invisible = nil // each statement has a new snapshot
		}
		t.Run(level, func(t *testing.T) {
			for _, c := range isolationCases() {
				t.Run(c.name+"/holder_visible", func(t *testing.T) {
					i := newIsolation(t, open(t), level)
					competitor := i.competitor()
					i.run(c, i.begin(), competitor, c.visible)
				})
				t.Run(c.name+"/holder_committed_later", func(t *testing.T) {
					i := newIsolation(t, open(t), level)
					tx := i.begin()
					i.run(c, tx, i.competitor(), cmp.Or(invisible, c.visible))
				})
			}
		})
	}
	batchIsolation(t, open)
}

// isolationCase is one operation against a competitor that takes the slot "taken".
type isolationCase struct {
	name string
	// visible is what the operation results to a competitor that it can see.
	visible error
	call    func(ctx context.Context, s *assignment.Service, own assignment.ID) error
}

func isolationCases() []isolationCase {
	return []isolationCase{
		{"create", assignment.ErrActiveExists, func(ctx context.Context, s *assignment.Service, _ assignment.ID) error {
			_, err := s.Create(ctx, taken())
			return err
		}},
		{"reopen", assignment.ErrActiveExists, func(ctx context.Context, s *assignment.Service, own assignment.ID) error {
			_, err := s.Reopen(ctx, own)
			return err
		}},
		{"reassign", assignment.ErrActiveExists, func(ctx context.Context, s *assignment.Service, own assignment.ID) error {
			if _, err := s.Reassign(ctx, own, "elsewhere"); err == nil {
				return errors.New("a completed assignment was reassigned")
			}
			mover, err := s.Create(ctx, assignment.CreateParams{Key: assignment.Key{AssigneeID: "mover", SubjectID: "scenario"}})
			if err != nil {
				return err
			}
			_, err = s.Reassign(ctx, mover.ID, "taken")
			return err
		}},
		{"replace", nil, func(ctx context.Context, s *assignment.Service, _ assignment.ID) error {
			_, err := s.Replace(ctx, taken(), assignment.ReplaceParams{RetireTo: assignment.StatusCancelled})
			return err
		}},
	}
}

// batchIsolation checks what an all-or-nothing batch is told whose ID was used
// after its transaction took the snapshot.
func batchIsolation(t *testing.T, open func(*testing.T) Host) {
	t.Helper()
	for level, want := range map[string]error{
		"READ COMMITTED":  assignment.ErrIDReused,
		"REPEATABLE READ": assignment.ErrRetryTransaction,
		"SERIALIZABLE":    assignment.ErrRetryTransaction,
	} {
		t.Run(level+"/an_id_that_was_used_later", func(t *testing.T) {
			i := newIsolation(t, open(t), level)
			tx := i.begin()
			batch := batchOf(3)
			used := batch[1]
			used.Key.AssigneeID = "other"
			mustCreate(t, i.service, used)
			_, err := i.service.WithStore(tx.Store).CreateMany(t.Context(), batch, &assignment.BatchOptions{AllOrNothing: true})
			if !errors.Is(err, want) {
				t.Errorf("got %v, want %v", err, want)
			}
			_ = tx.Rollback(t.Context())
		})
	}
}

func taken() assignment.CreateParams {
	return assignment.CreateParams{Key: assignment.Key{AssigneeID: "taken", SubjectID: "scenario"}}
}

type isolation struct {
	t       *testing.T
	host    Host
	service *assignment.Service
	level   string
	// own has been completed and wants to come back.
	own assignment.ID
}

func newIsolation(t *testing.T, h Host, level string) isolation {
	t.Helper()
	service := mustService(t, h.Joinable)
	own, err := service.Create(t.Context(), taken())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := service.Complete(t.Context(), own.ID); err != nil {
		t.Fatal(err)
	}
	return isolation{t, h, service, level, own.ID}
}

func (i isolation) run(c isolationCase, tx Tx, competitor assignment.Assignment, want error) {
	i.t.Helper()
	ctx := i.t.Context()
	err := c.call(ctx, i.service.WithStore(tx.Store), i.own)
	if !errors.Is(err, want) || want == nil && err != nil {
		i.t.Fatalf("got %v, want %v", err, want)
	}
	if conflict, ok := errors.AsType[*assignment.ActiveExistsError](err); ok && conflict.Existing.ID != competitor.ID {
		i.t.Errorf("conflict with %s, want the competitor %s", conflict.Existing.ID, competitor.ID)
	}
	if !errors.Is(err, assignment.ErrRetryTransaction) {
		if err := tx.Commit(ctx); err != nil {
			i.t.Errorf("the transaction can't be committed: %v", err)
		}
	}
}

// begin opens the transaction and makes it take its snapshot.
func (i isolation) begin() Tx {
	i.t.Helper()
	tx := mustBegin(i.t, i.host)
	for _, statement := range []string{"SET TRANSACTION ISOLATION LEVEL " + i.level, "SELECT count(*) FROM assignments"} {
		if err := tx.Exec(i.t.Context(), statement); err != nil {
			i.t.Fatal(err)
		}
	}
	return tx
}

func (i isolation) competitor() assignment.Assignment {
	i.t.Helper()
	competitor, err := i.service.Create(i.t.Context(), taken())
	if err != nil {
		i.t.Fatal(err)
	}
	return competitor
}
