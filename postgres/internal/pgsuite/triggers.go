package pgsuite

import (
	"crypto/rand"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/assignment-go/assignment"
)

// HostOpener opens a store on the migrated schema that the DSN names, when what
// the test wants has been added to it.
type HostOpener func(t *testing.T, dsn string) Host

// Triggers checks tables on which code of the host's changes, suppresses or
// rejects what is written: callers are never told that something else happened,
// and never told to retry what can't succeed.
func Triggers(t *testing.T, open HostOpener) {
	t.Helper()
	for _, s := range rewrites() {
		t.Run(s.name, func(t *testing.T) { s.check(t, open) })
	}
	for _, body := range harmless() {
		t.Run(body.name, func(t *testing.T) { body.checkHarmless(t, open) })
	}
	for _, s := range changeRewrites() {
		t.Run(s.name, func(t *testing.T) { s.checkChanges(t, open) })
	}
	for _, s := range aftermaths() {
		t.Run(s.name, func(t *testing.T) { s.checkAftermath(t, open) })
	}
	for _, s := range disasters() {
		t.Run(s.name, func(t *testing.T) { s.checkDisaster(t, open) })
	}
	t.Run("a_reassignment_to_somebody_else", func(t *testing.T) { checkReassignments(t, open) })
	t.Run("an_archive", func(t *testing.T) { checkArchive(t, open) })
	t.Run("a_trigger_that_raises", func(t *testing.T) { checkRaises(t, open) })
	t.Run("a_trigger_that_was_added_later_is_no_success", func(t *testing.T) { checkLateTriggers(t, open) })
	t.Run("a_partitioned_table", func(t *testing.T) { checkPartitions(t, open) })
	t.Run("a_suppressed_move_to_another_partition", func(t *testing.T) { checkMoves(t, open) })
	t.Run("a_trigger_that_updates_its_own_row", func(t *testing.T) { checkOwnRow(t, open) })
	t.Run("a_rule", func(t *testing.T) { checkRules(t, open) })
}

// rewrite is a trigger that stores something else than what was asked for, in
// rows whose assignee begins with "Bad".
type rewrite struct {
	name string
	// body is what the trigger does.
	body string
	// field is what the InvalidError names.
	field string
}

func rewrites() []rewrite {
	return []rewrite{
		{"a_changed_id", `NEW.id := 'x' || NEW.id`, "ID"},
		{"a_swapped_id", `NEW.id := CASE NEW.id WHEN 'Bad1' THEN 'Bad2' WHEN 'Bad2' THEN 'Bad1' ELSE 'x' || NEW.id END`, "ID"},
		{"a_changed_assignee", `NEW.assignee_id := lower(NEW.assignee_id)`, "Key.AssigneeID"},
		{"a_changed_subject", `NEW.subject_id := NEW.subject_id || '!'`, "Key.SubjectID"},
		{"a_changed_status", `NEW.status := 'in_progress'`, "Status"},
		{"a_terminal_status", `NEW.status := 'completed'`, "Status"},
		{"a_changed_version", `NEW.version := 7`, "Version"},
		{"a_changed_fingerprint", `NEW.request := upper(NEW.request) || '!'`, "Request"},
		{"a_suppressed_row", `RETURN NULL`, `"assignments"`},
	}
}

func (s rewrite) check(t *testing.T, open HostOpener) {
	t.Helper()
	dsn := Prepared(t, `CREATE FUNCTION meddle() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.assignee_id LIKE 'Bad%' THEN `+s.body+`; END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER meddle BEFORE INSERT ON assignments FOR EACH ROW EXECUTE FUNCTION meddle()`)
	host := open(t, dsn)
	for name, store := range bothScopes(host) {
		t.Run(name, func(t *testing.T) { s.checkOn(t, dsn, mustService(t, store)) })
	}
}

// bothScopes are the store by itself, and with each write in a transaction of the
// host's, which commits also after a rejection.
func bothScopes(h Host) map[string]assignment.Store {
	return map[string]assignment.Store{"by_itself": h.Joinable, "in_a_transaction": h}
}

func (s rewrite) checkOn(t *testing.T, dsn string, service *assignment.Service) {
	t.Helper()
	bad := assignment.CreateParams{Key: assignment.Key{AssigneeID: "Bad", SubjectID: "intake"}}
	known := bad
	known.ID = "known"
	cancelled := assignment.ReplaceParams{RetireTo: assignment.StatusCancelled}
	t.Run("create", func(t *testing.T) {
		for range 3 {
			_, err := service.Create(t.Context(), bad)
			s.wantNamed(t, dsn, err)
		}
	})
	t.Run("create_with_an_id", func(t *testing.T) {
		_, err := service.Create(t.Context(), known)
		s.wantNamed(t, dsn, err)
	})
	t.Run("create_while_slots_are_free", func(t *testing.T) {
		for range 70 { // more than it takes to insert without a look
			mustCreate(t, service, unusedSlot("good"))
		}
		_, err := service.Create(t.Context(), bad)
		s.wantNamed(t, dsn, err)
	})
	t.Run("ensure", func(t *testing.T) {
		_, err := service.Ensure(t.Context(), bad)
		s.wantNamed(t, dsn, err)
	})
	t.Run("replace_on_a_free_slot", func(t *testing.T) {
		_, err := service.Replace(t.Context(), bad, cancelled)
		s.wantNamed(t, dsn, err)
	})
	t.Run("replace_leaves_the_holder", func(t *testing.T) {
		plantHolder(t, dsn, bad.Key)
		_, err := service.Replace(t.Context(), bad, cancelled)
		s.wantNamed(t, dsn, err, "holder")
		mustApply(t, dsn, `DELETE FROM assignments WHERE id = 'holder'`)
	})
	s.checkBatchesOn(t, dsn, service)
}

func (s rewrite) checkBatchesOn(t *testing.T, dsn string, service *assignment.Service) {
	t.Helper()
	t.Run("a_batch_rejects_that_item_alone", func(t *testing.T) {
		results, err := service.CreateMany(t.Context(), badBatch(), nil)
		if err != nil {
			t.Fatal(err)
		}
		for n, r := range results {
			if !strings.HasPrefix(string(r.ID), "Bad") && r.Err != nil {
				t.Errorf("item %d: %v", n, r.Err)
			}
			if strings.HasPrefix(string(r.ID), "Bad") {
				s.wantNamed(t, dsn, r.Err)
			}
		}
	})
	t.Run("all_or_nothing_creates_nothing", func(t *testing.T) {
		_, err := service.CreateMany(t.Context(), badBatch(), &assignment.BatchOptions{AllOrNothing: true})
		s.wantNamed(t, dsn, err)
		if batch, ok := errors.AsType[*assignment.BatchError](err); ok && batch.Index != 1 {
			t.Errorf("got index %d, want that of the first bad item", batch.Index)
		}
	})
}

// unusedSlot asks for a subject that nobody has had.
func unusedSlot(assignee string) assignment.CreateParams {
	return assignment.CreateParams{Key: assignment.Key{AssigneeID: assignee, SubjectID: rand.Text()}}
}

// badBatch has two bad items among good ones, all with IDs and keys that were
// not used before.
func badBatch() []assignment.CreateParams {
	subject := rand.Text()
	params := func(id, assignee string) assignment.CreateParams {
		return assignment.CreateParams{ID: assignment.ID(id), Key: assignment.Key{AssigneeID: assignee, SubjectID: subject}}
	}
	return []assignment.CreateParams{
		params("good1"+subject, "good1"), params("Bad1", "Bad1"), params("good2"+subject, "good2"),
		params("Bad2", "Bad2"), params("good3"+subject, "good3"),
	}
}

// wantNamed wants an error that names the column and the trigger, and no bad row
// but the ones that were there.
func (s rewrite) wantNamed(t *testing.T, dsn string, err error, there ...string) {
	t.Helper()
	invalid, ok := errors.AsType[*assignment.InvalidError](err)
	if !ok || invalid.Field != s.field || !strings.Contains(invalid.Reason, "trigger meddle") {
		t.Errorf("got %v, want ErrInvalid that names %s and the trigger", err, s.field)
	}
	got := mustText(t, dsn, `SELECT COALESCE(string_agg(id, ',' ORDER BY id), '') FROM assignments
WHERE lower(assignee_id) LIKE 'bad%' AND status <> 'cancelled'`)
	if got != strings.Join(there, ",") {
		t.Errorf("the table has %q, want %q", got, there)
	}
}

// harmless are triggers that change what is the host's to change.
func harmless() []rewrite {
	return []rewrite{
		{name: "a_stamped_account", body: `NEW.account_id := 'stamped'`},
		{name: "a_stamped_creation_time", body: `NEW.created_at := NEW.created_at - interval '1 day'`},
	}
}

func (s rewrite) checkHarmless(t *testing.T, open HostOpener) {
	t.Helper()
	dsn := Prepared(t, `CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  `+s.body+`;
  RETURN NEW;
END $$;
CREATE TRIGGER stamp BEFORE INSERT ON assignments FOR EACH ROW EXECUTE FUNCTION stamp()`)
	host := open(t, dsn)
	for name, store := range bothScopes(host) {
		t.Run(name, func(t *testing.T) { wantStored(t, mustService(t, store)) })
	}
}

// storedBy wants a call to return the row as it is stored.
func storedBy(service *assignment.Service) func(*testing.T, assignment.Assignment, error) {
	return func(t *testing.T, got assignment.Assignment, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		stored, err := service.Get(t.Context(), got.ID)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(stored, got) {
			t.Errorf("got  %+v\nhave %+v", got, stored)
		}
	}
}

// wantStored wants every call to return the row as it is stored.
func wantStored(t *testing.T, service *assignment.Service) {
	t.Helper()
	want := storedBy(service)
	t.Run("create", func(t *testing.T) {
		got, err := service.Create(t.Context(), unusedSlot("ana"))
		want(t, got, err)
	})
	t.Run("a_repeated_create_is_recognised", func(t *testing.T) {
		p := unusedSlot("ana")
		p.ID = assignment.ID(rand.Text())
		mustCreate(t, service, p)
		again, err := service.Ensure(t.Context(), p)
		want(t, again.Assignment, err)
		if again.Outcome != assignment.OutcomeReplayed {
			t.Errorf("got outcome %v, want replayed", again.Outcome)
		}
	})
	t.Run("replace", func(t *testing.T) {
		p := unusedSlot("ana")
		mustCreate(t, service, p)
		got, err := service.Replace(t.Context(), p, assignment.ReplaceParams{RetireTo: assignment.StatusCancelled})
		want(t, got.Assignment, err)
		want(t, *got.Retired, err)
	})
	for name, all := range map[string]bool{"a_batch": false, "all_or_nothing": true} {
		t.Run(name, func(t *testing.T) {
			batch := []assignment.CreateParams{unusedSlot("ana"), unusedSlot("ana")}
			results, err := service.CreateMany(t.Context(), batch, &assignment.BatchOptions{AllOrNothing: all})
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range results {
				want(t, r.Assignment, r.Err)
			}
		})
	}
	wantStoredChanges(t, service)
}

func wantStoredChanges(t *testing.T, service *assignment.Service) {
	t.Helper()
	want := storedBy(service)
	t.Run("changes", func(t *testing.T) {
		a := mustCreate(t, service, unusedSlot("ana"))
		got, err := service.Start(t.Context(), a.ID, assignment.IfVersion(a.Version))
		want(t, got, err)
		got, err = service.Reassign(t.Context(), a.ID, "ben", assignment.IfVersion(got.Version))
		want(t, got, err)
		got, err = service.Complete(t.Context(), a.ID, assignment.IfVersion(got.Version))
		want(t, got, err)
		got, err = service.Reopen(t.Context(), a.ID, assignment.IfVersion(got.Version))
		want(t, got, err)
	})
}
