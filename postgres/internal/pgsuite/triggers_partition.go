package pgsuite

import (
	"crypto/rand"
	"errors"
	"testing"

	"github.com/assignment-go/assignment"
)

// checkPartitions has triggers on a partitioned table: one can move a row to
// another partition, and no index makes the ID alone unique.
func checkPartitions(t *testing.T, open HostOpener) {
	t.Helper()
	for _, s := range rewrites() {
		if s.field == "Status" || s.field == "Version" || s.name == "a_swapped_id" {
			continue // the same as elsewhere
		}
		t.Run(s.name, func(t *testing.T) {
			dsn := Unmigrated(t, partitioned+`; CREATE FUNCTION meddle() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.assignee_id LIKE 'Bad%' THEN `+s.body+`; END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER meddle BEFORE INSERT ON assignments FOR EACH ROW EXECUTE FUNCTION meddle()`)
			service := mustService(t, open(t, dsn).Joinable)
			for range 8 { // some are moved to another partition, others not
				key := assignment.Key{AssigneeID: "Bad" + rand.Text(), SubjectID: "intake"}
				_, err := service.Create(t.Context(), assignment.CreateParams{Key: key})
				if !errors.Is(err, assignment.ErrInvalid) {
					t.Errorf("got %v, want ErrInvalid", err)
				}
			}
			if n := mustText(t, dsn, `SELECT count(*)::text FROM assignments`); n != "0" {
				t.Errorf("there are %s rows, want none", n)
			}
		})
	}
}

const partitioned = `CREATE TABLE assignments (
  id text COLLATE "C" NOT NULL, assignee_id text COLLATE "C" NOT NULL, subject_id text COLLATE "C" NOT NULL,
  status text COLLATE "C" NOT NULL, assigned_by text, account_id text, due_at timestamptz,
  created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL, completed_at timestamptz,
  version bigint NOT NULL DEFAULT 1, metadata jsonb, request text COLLATE "C", PRIMARY KEY (id, assignee_id)
) PARTITION BY HASH (assignee_id);
CREATE TABLE assignments_0 PARTITION OF assignments FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE assignments_1 PARTITION OF assignments FOR VALUES WITH (MODULUS 2, REMAINDER 1);
CREATE UNIQUE INDEX assignments_active_key ON assignments (assignee_id, subject_id) WHERE status NOT IN ('completed', 'cancelled')`
