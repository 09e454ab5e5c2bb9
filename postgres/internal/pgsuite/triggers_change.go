package pgsuite

import (
	"crypto/rand"
	"errors"
	"strings"
	"testing"

	"github.com/assignment-go/assignment"
)

// changeRewrites are triggers that make something else of a change, of rows
// whose assignee begins with "Bad" or that are given to such a one.
func changeRewrites() []rewrite {
	return []rewrite{
		{"a_change_to_another_status", `NEW.status := CASE NEW.status WHEN 'pending' THEN 'in_progress' ELSE 'pending' END`, "Status"},
		{"a_change_of_the_id", `NEW.id := 'x' || NEW.id`, "ID"},
		{"a_change_that_keeps_the_version", `NEW.version := OLD.version`, "Version"},
		{"a_change_without_a_version", `NEW.version := 0`, "Version"},
		{"a_change_of_the_fingerprint", `NEW.request := upper(NEW.request) || '!'`, "Request"},
		{"a_suppressed_change", `RETURN NULL`, `"assignments"`},
	}
}

func (s rewrite) checkChanges(t *testing.T, open HostOpener) {
	t.Helper()
	dsn := Prepared(t, `CREATE FUNCTION meddle() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.assignee_id LIKE 'Bad%' THEN `+s.body+`; END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER meddle BEFORE UPDATE ON assignments FOR EACH ROW EXECUTE FUNCTION meddle()`)
	host := open(t, dsn)
	for name, store := range bothScopes(host) {
		t.Run(name, func(t *testing.T) { s.checkChangesOn(t, dsn, mustService(t, store)) })
	}
}

func (s rewrite) checkChangesOn(t *testing.T, dsn string, service *assignment.Service) {
	t.Helper()
	bad := func(t *testing.T) assignment.Assignment {
		t.Helper()
		return mustCreate(t, service, unusedSlot("Bad"))
	}
	want := func(t *testing.T, err error, id assignment.ID, status string) {
		t.Helper()
		invalid, ok := errors.AsType[*assignment.InvalidError](err)
		if !ok || invalid.Field != s.field || !strings.Contains(invalid.Reason, "trigger meddle") {
			t.Errorf("got %v, want ErrInvalid that names %s and the trigger", err, s.field)
		}
		got := mustText(t, dsn, `SELECT status || ' ' || version || ' ' || assignee_id FROM assignments WHERE id = '`+string(id)+`'`)
		if got != status {
			t.Errorf("the row is %q, want %q", got, status)
		}
	}
	t.Run("start", func(t *testing.T) {
		a := bad(t)
		_, err := service.Start(t.Context(), a.ID)
		want(t, err, a.ID, "pending 1 Bad")
	})
	t.Run("complete", func(t *testing.T) {
		a := bad(t)
		_, err := service.Complete(t.Context(), a.ID, assignment.IfVersion(1))
		want(t, err, a.ID, "pending 1 Bad")
	})
	t.Run("reopen", func(t *testing.T) {
		a := bad(t)
		mustApply(t, dsn, `SET session_replication_role = replica;
UPDATE assignments SET status = 'completed' WHERE id = '`+string(a.ID)+`'`)
		_, err := service.Reopen(t.Context(), a.ID)
		want(t, err, a.ID, "completed 1 Bad")
	})
	if s.field == "ID" || s.field == "Version" || s.field == "Request" {
		return // of a retired holder only the status is asked for
	}
	t.Run("replace_leaves_the_holder", func(t *testing.T) {
		a := bad(t)
		retire := assignment.ReplaceParams{RetireTo: assignment.StatusCancelled}
		_, err := service.Replace(t.Context(), assignment.CreateParams{Key: a.Key}, retire)
		want(t, err, a.ID, "pending 1 Bad")
	})
}

// reassignments are triggers that hand a row to somebody else.
func checkReassignments(t *testing.T, open HostOpener) {
	t.Helper()
	dsn := Prepared(t, `CREATE FUNCTION meddle() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.assignee_id := lower(NEW.assignee_id);
  RETURN NEW;
END $$;
CREATE TRIGGER meddle BEFORE UPDATE ON assignments FOR EACH ROW EXECUTE FUNCTION meddle()`)
	host := open(t, dsn)
	for name, store := range bothScopes(host) {
		service := mustService(t, store)
		for _, held := range []bool{false, true} {
			t.Run(name+map[bool]string{false: "/to_a_free_slot", true: "/to_a_slot_that_is_taken"}[held], func(t *testing.T) {
				subject := rand.Text()
				a := mustCreate(t, service, assignment.CreateParams{Key: assignment.Key{AssigneeID: "ana", SubjectID: subject}})
				if held {
					mustCreate(t, service, assignment.CreateParams{Key: assignment.Key{AssigneeID: "ben", SubjectID: subject}})
				}
				_, err := service.Reassign(t.Context(), a.ID, "Ben")
				wantInvalid(t, err, "trigger meddle")
				if stored, err := service.Get(t.Context(), a.ID); err != nil || stored.Key.AssigneeID != "ana" {
					t.Errorf("got %v, %v, want the row as it was", stored, err)
				}
			})
		}
	}
}

// aftermaths are triggers that change a row once the statement has returned it.
func aftermaths() []rewrite {
	const touchAll = `UPDATE assignments SET version = version + 1, account_id = 'seen' WHERE account_id IS DISTINCT FROM 'seen'`
	const touch = touchAll + ` AND id = NEW.id`
	return []rewrite{
		{name: "a_row_changed_after_its_insert", body: after("INSERT", "FOR EACH ROW", touch)},
		{name: "a_row_changed_after_each_statement", body: after("INSERT OR UPDATE", "FOR EACH ROW WHEN (pg_trigger_depth() = 0)",
			`UPDATE assignments SET version = version + 1 WHERE id = NEW.id`)},
		{name: "a_row_changed_by_a_statement_trigger", body: after("INSERT", "FOR EACH STATEMENT", touchAll)},
		{name: "a_row_changed_at_the_commit", body: strings.Replace(
			after("INSERT", "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW", touch),
			"CREATE TRIGGER", "CREATE CONSTRAINT TRIGGER", 1), field: "by_itself"},
	}
}

// after renders a trigger that runs after the event.
func after(event, how, statement string) string {
	return `CREATE FUNCTION meddle() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  ` + statement + `;
  RETURN NULL;
END $$;
CREATE TRIGGER meddle AFTER ` + event + ` ON assignments ` + how + ` EXECUTE FUNCTION meddle()`
}

func (s rewrite) checkAftermath(t *testing.T, open HostOpener) {
	t.Helper()
	host := open(t, Prepared(t, s.body))
	for name, store := range bothScopes(host) {
		if s.field != "" && s.field != name {
			continue // the trigger waits for the COMMIT of the host
		}
		t.Run(name, func(t *testing.T) { wantStored(t, mustService(t, store)) })
	}
}

// disasters are triggers that take away what was created, or spoil it.
func disasters() []rewrite {
	const bad = `IF NEW.assignee_id LIKE 'Bad%' AND pg_trigger_depth() < 2 THEN `
	return []rewrite{
		{"a_row_deleted_after_its_insert", bad + `DELETE FROM assignments WHERE id = NEW.id; END IF`, `"assignments"`},
		{"a_row_closed_after_its_insert", bad + `UPDATE assignments SET status = 'completed' WHERE id = NEW.id; END IF`, "Status"},
		{"a_row_moved_after_its_insert", bad + `UPDATE assignments SET assignee_id = lower(assignee_id) WHERE id = NEW.id; END IF`, "Key"},
		{"an_id_changed_after_its_insert", bad + `UPDATE assignments SET id = 'x' || id WHERE id = NEW.id; END IF`, `"assignments"`},
	}
}

func (s rewrite) checkDisaster(t *testing.T, open HostOpener) {
	t.Helper()
	dsn := Prepared(t, after("INSERT", "FOR EACH ROW", s.body))
	host := open(t, dsn)
	for name, store := range bothScopes(host) {
		t.Run(name, func(t *testing.T) { s.checkOn(t, dsn, mustService(t, store)) })
	}
}

// checkArchive has a trigger that moves what is closed out of the table: the
// change was made all the same.
func checkArchive(t *testing.T, open HostOpener) {
	t.Helper()
	dsn := Prepared(t, `CREATE FUNCTION archive() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM assignments WHERE id = NEW.id AND status IN ('completed', 'cancelled');
  RETURN NULL;
END $$;
CREATE TRIGGER archive AFTER UPDATE ON assignments FOR EACH ROW EXECUTE FUNCTION archive()`)
	host := open(t, dsn)
	for name, store := range bothScopes(host) {
		t.Run(name, func(t *testing.T) {
			service := mustService(t, store)
			a := mustCreate(t, service, unusedSlot("ana"))
			retire := assignment.ReplaceParams{RetireTo: assignment.StatusCancelled}
			next, err := service.Replace(t.Context(), assignment.CreateParams{Key: a.Key}, retire)
			if err != nil || next.Retired == nil || next.Retired.ID != a.ID {
				t.Fatalf("got %v, %v, want the retired row", next, err)
			}
			done, err := service.Complete(t.Context(), next.Assignment.ID)
			if err != nil || done.Status != assignment.StatusCompleted {
				t.Errorf("got %v, %v, want the completed row", done, err)
			}
		})
	}
}

// checkRaises has triggers that reject rows in every class of SQLSTATE, and one
// that runs into a rule of the table itself.
func checkRaises(t *testing.T, open HostOpener) {
	t.Helper()
	bodies := map[string]string{"another_row_of_the_same_key": `
INSERT INTO assignments (id, assignee_id, subject_id, status, created_at, updated_at)
VALUES ('x' || NEW.id, NEW.assignee_id, NEW.subject_id, 'pending', now(), now())`}
	for _, code := range []string{"P0001", "22012", "0A000", "42703", "42P01", "42P10", "23505", "22P02", "XX000", "55000", "ZZ123"} {
		bodies[code] = `RAISE EXCEPTION 'not today' USING ERRCODE = '` + code + `'`
	}
	for name, body := range bodies {
		for _, at := range []string{"BEFORE", "AFTER"} {
			t.Run(name+"_"+strings.ToLower(at), func(t *testing.T) {
				if name == "another_row_of_the_same_key" && at == "BEFORE" {
					return // that one wins
				}
				dsn := Prepared(t, `CREATE FUNCTION meddle() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.assignee_id LIKE 'Bad%' AND pg_trigger_depth() < 2 THEN `+body+`; END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER meddle `+at+` INSERT ON assignments FOR EACH ROW EXECUTE FUNCTION meddle()`)
				host := open(t, dsn)
				for _, store := range bothScopes(host) {
					service := mustService(t, store)
					_, err := service.Create(t.Context(), unusedSlot("Bad"))
					if !errors.Is(err, assignment.ErrInvalid) {
						t.Errorf("got %v, want ErrInvalid", err)
					}
				}
			})
		}
	}
}

// checkRules adds a rewrite rule to a table that was verified without it.
func checkRules(t *testing.T, open HostOpener) {
	t.Helper()
	for name, rule := range map[string]string{
		"an_insert_rule_that_does_nothing":   `INSERT TO assignments DO INSTEAD NOTHING`,
		"an_insert_rule_with_a_condition":    `INSERT TO assignments WHERE NEW.assignee_id LIKE 'Bad%' DO INSTEAD NOTHING`,
		"an_update_rule_that_does_nothing":   `UPDATE TO assignments DO INSTEAD NOTHING`,
		"an_update_rule_that_does_more":      `UPDATE TO assignments DO ALSO SELECT 1`,
		"an_update_rule_with_a_condition":    `UPDATE TO assignments WHERE OLD.version = 1 DO INSTEAD NOTHING`,
		"an_insert_rule_that_does_something": `INSERT TO assignments DO ALSO SELECT 1`,
	} {
		t.Run(name, func(t *testing.T) {
			dsn := Prepared(t, "")
			host := open(t, dsn)
			a := mustCreate(t, mustService(t, host.Joinable), unusedSlot("ana"))
			mustApply(t, dsn, `CREATE RULE meddle AS ON `+rule)
			for _, store := range bothScopes(host) {
				service := mustService(t, store)
				_, createErr := service.Create(t.Context(), unusedSlot("Bad"))
				_, completeErr := service.Complete(t.Context(), a.ID)
				wantRuleNamed(t, "create", createErr)
				if strings.Contains(name, "update") {
					wantRuleNamed(t, "complete", completeErr)
				}
			}
		})
	}
}

func wantRuleNamed(t *testing.T, call string, err error) {
	t.Helper()
	switch {
	case !errors.Is(err, assignment.ErrUnguarded):
		t.Errorf("%s: got %v, want ErrUnguarded", call, err)
	case !strings.Contains(err.Error(), "rule"):
		t.Errorf("%s: %v does not name the rule", call, err)
	}
}
