package faults_test

import (
	"context"
	"testing"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/internal/testdb"
)

// accountTrigger is a trigger of the host that sets a column of each new row, so
// that the row differs from the request.
const accountTrigger = `CREATE FUNCTION set_account() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN NEW.account_id := 'tenant-1'; RETURN NEW; END $$;
CREATE TRIGGER set_account BEFORE INSERT ON assignments FOR EACH ROW EXECUTE FUNCTION set_account()`

// lostCreate is a creation whose first reply is lost.
type lostCreate struct {
	name string
	call func(context.Context, *assignment.Service) ([]assignment.ID, error)
}

func lostCreates() []lostCreate {
	key := assignment.Key{AssigneeID: "ana", SubjectID: "intake"}
	batch := []assignment.CreateParams{
		{ID: "own", Key: key}, {ID: "own-2", Key: assignment.Key{AssigneeID: "ben", SubjectID: "intake"}},
	}
	many := func(opts *assignment.BatchOptions) func(context.Context, *assignment.Service) ([]assignment.ID, error) {
		return func(ctx context.Context, s *assignment.Service) ([]assignment.ID, error) {
			results, err := s.CreateMany(ctx, batch, opts)
			var ids []assignment.ID
			for _, r := range results {
				ids = append(ids, r.Assignment.ID)
			}
			return ids, err
		}
	}
	return []lostCreate{
		{"create", func(ctx context.Context, s *assignment.Service) ([]assignment.ID, error) {
			a, err := s.Create(ctx, assignment.CreateParams{ID: "own", Key: key})
			return []assignment.ID{a.ID}, err
		}},
		{"create_with_a_new_id", func(ctx context.Context, s *assignment.Service) ([]assignment.ID, error) {
			a, err := s.Create(ctx, assignment.CreateParams{Key: key})
			return []assignment.ID{a.ID}, err
		}},
		{"replace", func(ctx context.Context, s *assignment.Service) ([]assignment.ID, error) {
			r, err := s.Replace(ctx, assignment.CreateParams{ID: "own", Key: key}, assignment.ReplaceParams{RetireTo: assignment.StatusCancelled})
			return []assignment.ID{r.Assignment.ID}, err
		}},
		{"create_many", many(nil)},
		{"create_many_all_or_nothing", many(&assignment.BatchOptions{AllOrNothing: true})},
	}
}

// TestLostCreate loses the reply to a creation, or to its COMMIT, on a table whose
// trigger changes the row. Another caller may change the row before the store
// sends the creation again, which must then find the row as its own.
func TestLostCreate(t *testing.T) {
	for name, open := range map[string]func(*testing.T, string) assignment.Store{
		"pgx": openPgx, "pgx/stdlib": openSQL("pgx"), "lib/pq": openSQL("postgres"),
	} {
		for _, c := range lostCreates() {
			t.Run(name+"/"+c.name+"/finds_its_row", func(t *testing.T) { c.check(t, open, nil) })
			t.Run(name+"/"+c.name+"/finds_its_row_after_a_reassignment", func(t *testing.T) {
				c.check(t, open, func(ctx context.Context, s *assignment.Service, id assignment.ID) error {
					return second(s.Reassign(ctx, id, "dora"))
				})
			})
			t.Run(name+"/"+c.name+"/finds_its_row_after_a_completion", func(t *testing.T) {
				c.check(t, open, func(ctx context.Context, s *assignment.Service, id assignment.ID) error {
					return second(s.Complete(ctx, id))
				})
			})
		}
	}
}

func (c lostCreate) check(
	t *testing.T, open func(*testing.T, string) assignment.Store,
	meanwhile func(context.Context, *assignment.Service, assignment.ID) error,
) {
	dsn := testdb.Schema(t)
	direct := service(t, migrated(t, dsn))
	if _, err := newPool(t, dsn).Exec(t.Context(), accountTrigger); err != nil {
		t.Fatal(err)
	}
	l := &replyLoss{tag: "COMMIT"}
	if c.name != "create_many_all_or_nothing" {
		l.tag = ""
	}
	l.meanwhile = func() {
		if meanwhile == nil {
			return
		}
		for a, err := range direct.List(t.Context(), assignment.Query{AssigneeID: "ana"}) {
			if err != nil {
				t.Error(err)
				return
			}
			if err := meanwhile(t.Context(), direct, a.ID); err != nil {
				t.Errorf("meanwhile: %v", err)
			}
		}
	}
	broken := service(t, open(t, proxied(t, dsn, l.plan)))
	if _, err := broken.Get(t.Context(), "own"); err == nil {
		t.Fatal("found a row in an empty table")
	}
	l.armed.Store(true)
	ids, err := c.call(t.Context(), broken)
	if !l.lost.Load() {
		t.Fatal("no reply was lost, so this test has shown nothing")
	}
	if err != nil {
		t.Fatalf("got %v, want success: the row exists", err)
	}
	for _, id := range ids {
		if a, err := direct.Get(t.Context(), id); err != nil || a.AccountID != "tenant-1" {
			t.Errorf("the call returned %q, but Get: %+v, %v", id, a, err)
		}
	}
	if n, err := direct.Count(t.Context(), assignment.Query{}); err != nil || n != int64(len(ids)) {
		t.Errorf("%d rows, %v, want %d", n, err, len(ids))
	}
}
