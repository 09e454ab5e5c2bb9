package pgsuite

import (
	"crypto/rand"
	"testing"

	"github.com/assignment-go/assignment"
)

// checkLateTriggers adds a trigger to a table that was verified without it. What
// comes back is compared all the same.
func checkLateTriggers(t *testing.T, open HostOpener) {
	t.Helper()
	for _, s := range rewrites() {
		if s.field == "Status" || s.field == "Version" || s.field == "Request" || s.name == "a_swapped_id" {
			continue // callers are told what was stored
		}
		t.Run(s.name, func(t *testing.T) {
			dsn := Prepared(t, "")
			host := open(t, dsn)
			mustApply(t, dsn, `CREATE FUNCTION meddle() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  `+s.body+`;
  RETURN NEW;
END $$;
CREATE TRIGGER meddle BEFORE INSERT ON assignments FOR EACH ROW EXECUTE FUNCTION meddle()`)
			for name, store := range bothScopes(host) {
				service := mustService(t, store)
				params := assignment.CreateParams{
					ID: assignment.ID(rand.Text()), Key: assignment.Key{AssigneeID: "Bad", SubjectID: rand.Text()},
				}
				if created, err := service.Create(t.Context(), params); err == nil {
					t.Errorf("%s: create: got %+v", name, created)
				}
				params.ID = assignment.ID(rand.Text())
				retire := assignment.ReplaceParams{RetireTo: assignment.StatusCancelled}
				if created, err := service.Replace(t.Context(), params, retire); err == nil {
					t.Errorf("%s: replace: got %+v", name, created)
				}
			}
		})
	}
}
