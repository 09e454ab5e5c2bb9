package pgsuite

import (
	"crypto/rand"
	"strconv"
	"testing"

	"github.com/assignment-go/assignment"
)

// checkMoves has a trigger suppress the insert by which a reassigned row arrives
// in another partition, when the server has deleted it from its own.
func checkMoves(t *testing.T, open HostOpener) {
	t.Helper()
	dsn := Unmigrated(t, partitioned+`; CREATE FUNCTION meddle() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.assignee_id LIKE 'Bad%' THEN RETURN NULL; END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER meddle BEFORE INSERT ON assignments FOR EACH ROW EXECUTE FUNCTION meddle()`)
	host := open(t, dsn)
	for name, store := range bothScopes(host) {
		t.Run(name, func(t *testing.T) {
			service := mustService(t, store)
			moved := 0
			for n := range 16 { // some stay in their partition
				a := mustCreate(t, service, assignment.CreateParams{Key: assignment.Key{AssigneeID: "ana", SubjectID: rand.Text()}})
				want := "Bad" + strconv.Itoa(n)
				if _, err := service.Reassign(t.Context(), a.ID, want); err != nil {
					wantInvalid(t, err, "nothing was written")
					want = "ana"
					moved++
				}
				if stored, err := service.Get(t.Context(), a.ID); err != nil || stored.Key.AssigneeID != want {
					t.Errorf("got %v, %v, want it assigned to %s", stored, err, want)
				}
			}
			if moved == 0 {
				t.Error("no row was to change its partition")
			}
		})
	}
}

// checkOwnRow has a trigger that updates the row that is about to be updated,
// which the server rejects every time.
func checkOwnRow(t *testing.T, open HostOpener) {
	t.Helper()
	host := open(t, Prepared(t, `CREATE FUNCTION meddle() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF pg_trigger_depth() < 2 THEN UPDATE assignments SET account_id = 'seen' WHERE id = NEW.id; END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER meddle BEFORE UPDATE ON assignments FOR EACH ROW EXECUTE FUNCTION meddle()`))
	for name, store := range bothScopes(host) {
		service := mustService(t, store)
		key := assignment.Key{AssigneeID: name, SubjectID: "intake"}
		a := mustCreate(t, service, assignment.CreateParams{Key: key})
		t.Run(name+"/complete", func(t *testing.T) {
			_, err := service.Complete(t.Context(), a.ID)
			wantInvalid(t, err, "already modified")
		})
		t.Run(name+"/replace", func(t *testing.T) {
			retire := assignment.ReplaceParams{RetireTo: assignment.StatusCancelled}
			_, err := service.Replace(t.Context(), assignment.CreateParams{Key: key}, retire)
			wantInvalid(t, err, "already modified")
		})
	}
}
