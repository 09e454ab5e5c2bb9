package postgres_test

import (
	"strconv"
	"testing"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/internal/testdb"
	"github.com/assignment-go/assignment/postgres"
)

// TestTriggers covers a host's table on which a trigger changes what is
// inserted: callers are told what was stored.
func TestTriggers(t *testing.T) {
	pool := mustPoolOn(t, testdb.Schema(t))
	if err := postgres.Migrate(t.Context(), pool, nil); err != nil {
		t.Fatal(err)
	}
	mustExec(t, pool, `
		CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS $$
		BEGIN
			NEW.account_id := 'stamped ' || COALESCE(NEW.account_id, 'nothing');
			RETURN NEW;
		END $$;
		CREATE TRIGGER stamp BEFORE INSERT ON assignments FOR EACH ROW EXECUTE FUNCTION stamp()`)
	service := mustService(t, mustStore(t, pool))
	wantKept := func(t *testing.T, got assignment.Assignment) {
		t.Helper()
		kept, err := service.Get(t.Context(), got.ID)
		if err != nil {
			t.Fatal(err)
		}
		if got.AccountID != "stamped nothing" {
			t.Errorf("got account %q", got.AccountID)
		}
		wantSame(t, got, kept)
	}

	t.Run("create_returns_what_was_stored", func(t *testing.T) {
		for i := range 70 { // more than it takes to insert without a look
			created, err := service.Create(t.Context(), paramsFor("one"+strconv.Itoa(i)))
			if err != nil {
				t.Fatal(err)
			}
			wantKept(t, created)
		}
	})
	t.Run("a_batch_returns_what_was_stored", func(t *testing.T) {
		results, err := service.CreateMany(t.Context(), []assignment.CreateParams{paramsFor("a"), paramsFor("b")}, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range results {
			wantKept(t, r.Assignment)
		}
	})
	t.Run("all_or_nothing_returns_what_was_stored", func(t *testing.T) {
		results, err := service.CreateMany(t.Context(),
			[]assignment.CreateParams{paramsFor("c"), paramsFor("d")}, &assignment.BatchOptions{AllOrNothing: true})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range results {
			wantKept(t, r.Assignment)
		}
	})
}
