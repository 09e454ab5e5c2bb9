package pgsuite

import (
	"errors"
	"testing"

	"github.com/assignment-go/assignment"
)

// rejection is a rule of the table that rejects rows whose account is "unknown".
type rejection struct {
	name string
	// setup is committed before the batch; inside runs in the caller's transaction
	// first, and makes the batch run there.
	setup, inside string
	// want is what the items get.
	want error
}

func rejections() []rejection {
	byRole := `CREATE ROLE assignment_test_writer;
DO $$ BEGIN EXECUTE format('GRANT USAGE ON SCHEMA %I TO assignment_test_writer', current_schema()); END $$;
GRANT ALL ON assignments TO assignment_test_writer;
ALTER TABLE assignments ENABLE ROW LEVEL SECURITY;
CREATE POLICY reads ON assignments FOR SELECT USING (true);
CREATE POLICY writes ON assignments FOR INSERT WITH CHECK (account_id IS DISTINCT FROM 'unknown');
SET LOCAL ROLE assignment_test_writer`
	const division = `ALTER TABLE assignments ADD CHECK (1 / (account_id IS DISTINCT FROM 'unknown')::int = 1)`
	return []rejection{
		{name: "trigger", setup: raising("P0001"), want: assignment.ErrInvalid},
		{name: "state_of_the_host", setup: raising("HOST1"), want: assignment.ErrInvalid},
		{name: "privilege_of_the_host", setup: raising("42501"), want: assignment.ErrInvalid},
		{name: "resource_of_the_host", setup: raising("53100"), want: assignment.ErrInvalid},
		{name: "table_of_the_host", setup: raising("42P01"), want: assignment.ErrInvalid},
		{name: "connection_of_the_host", setup: raising("08006"), want: assignment.ErrInvalid},
		{name: "internal_error_of_the_host", setup: raising("XX000"), want: assignment.ErrInvalid},
		{name: "lock_of_the_host", setup: raising("55P03"), want: assignment.ErrContended},
		{name: "timeout_of_the_host", setup: raising("57014"), want: assignment.ErrContended},
		{name: "check", setup: `ALTER TABLE assignments ADD CHECK (account_id <> 'unknown')`, want: assignment.ErrInvalid},
		{name: "division", setup: division, want: assignment.ErrInvalid},
		{name: "constraint_at_commit", setup: atCommit, want: assignment.ErrInvalid},
		{name: "trigger_in_the_callers_transaction", inside: raising("P0001"), want: assignment.ErrInvalid},
		{name: "row_security_in_the_callers_transaction", inside: byRole, want: assignment.ErrInvalid},
	}
}

// BatchRejections checks that what the table rejects of a batch is one item's matter,
// whatever the SQLSTATE.
func BatchRejections(t *testing.T, open func(*testing.T) Host) {
	t.Helper()
	for _, r := range rejections() {
		t.Run(r.name+"/each_item_for_itself", func(t *testing.T) { r.each(newRejectionTest(t, open(t), r)) })
		t.Run(r.name+"/all_or_nothing_names_the_item", func(t *testing.T) { r.all(newRejectionTest(t, open(t), r)) })
	}
	t.Run("lock_timeout_on_one_slot/each_item_for_itself", func(t *testing.T) {
		b := newRejectionTest(t, open(t), rejection{inside: `SET LOCAL lock_timeout = '50ms'`})
		holdSlot(b, 37)
		rejection{want: assignment.ErrContended}.each(b)
	})
	t.Run("lock_timeout_on_one_slot/all_or_nothing_names_the_item", func(t *testing.T) {
		b := newRejectionTest(t, open(t), rejection{inside: `SET LOCAL lock_timeout = '50ms'`})
		holdSlot(b, 12)
		rejection{want: assignment.ErrContended}.all(b)
	})
}

// rejectionTest is a batch by a service that may be in a transaction of the caller's.
type rejectionTest struct {
	batchTest

	batch []assignment.CreateParams
	// unknown are the items that are rejected.
	unknown map[int]bool
}

func newRejectionTest(t *testing.T, h Host, r rejection) rejectionTest {
	t.Helper()
	b := rejectionTest{batchTest{t, h, mustService(t, h.Joinable)}, batchOf(batchSize), map[int]bool{}}
	if r.setup != "" {
		b.exec(r.setup)
	}
	if r.inside != "" {
		tx := mustBegin(t, h)
		if err := tx.Exec(t.Context(), r.inside); err != nil {
			t.Fatal(err)
		}
		b.service = b.service.WithStore(tx.Store)
	}
	// in the order of the keys the last comes first
	for i := range b.batch {
		b.batch[i].Key.AssigneeID = b.batch[len(b.batch)-1-i].Key.AssigneeID + "-"
		b.batch[i].AccountID = "known"
	}
	return b
}

// reject has the items rejected by their account.
func (b rejectionTest) rejectItems(items ...int) {
	for _, i := range items {
		b.batch[i].AccountID, b.unknown[i] = "unknown", true
	}
}

// holdSlot has a transaction of somebody else hold the slot of an item.
func holdSlot(b rejectionTest, item int) {
	b.t.Helper()
	tx := mustBegin(b.t, b.host)
	if _, err := mustService(b.t, tx.Store).Create(b.t.Context(), assignment.CreateParams{Key: b.batch[item].Key}); err != nil {
		b.t.Fatal(err)
	}
	b.unknown[item] = true
}

func (r rejection) each(b rejectionTest) {
	b.t.Helper()
	if len(b.unknown) == 0 {
		b.rejectItems(37, 38, 99)
	}
	results, err := b.service.CreateMany(b.t.Context(), b.batch, nil)
	if len(results) != len(b.batch) {
		b.t.Fatalf("%d results, %v", len(results), err)
	}
	for i, result := range results {
		switch {
		case b.unknown[i] && !errors.Is(result.Err, r.want):
			b.t.Errorf("item %d: got %v, want %v", i, result.Err, r.want)
		case !b.unknown[i] && result.Outcome != assignment.OutcomeCreated:
			b.t.Errorf("item %d: %v", i, result.Err)
		}
	}
	b.wantRows(int64(len(b.batch) - len(b.unknown)))
}

func (r rejection) all(b rejectionTest) {
	b.t.Helper()
	if len(b.unknown) == 0 {
		b.rejectItems(12, 37, 38, 99)
	}
	_, err := b.service.CreateMany(b.t.Context(), b.batch, &assignment.BatchOptions{AllOrNothing: true})
	item, ok := errors.AsType[*assignment.BatchError](err)
	if !ok || item.Index != 12 || !errors.Is(err, r.want) {
		b.t.Errorf("got %v, want %v of item 12", err, r.want)
	}
	b.wantRows(0)
}
