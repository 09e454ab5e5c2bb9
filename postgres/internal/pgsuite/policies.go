package pgsuite

import (
	"crypto/rand"
	"errors"
	"net/url"
	"strings"
	"testing"

	"github.com/assignment-go/assignment"
)

// Policies checks tables with row-level security. What a session can't see may
// still hold a slot; callers are told so, and not to try again.
func Policies(t *testing.T, open HostOpener) {
	t.Helper()
	dsn := Prepared(t, `ALTER TABLE assignments ENABLE ROW LEVEL SECURITY;
CREATE POLICY seen ON assignments FOR SELECT USING (account_id = 'ours');
CREATE POLICY added ON assignments FOR INSERT WITH CHECK (account_id = 'ours');
CREATE POLICY changed ON assignments FOR UPDATE USING (account_id = 'ours' AND assignee_id NOT LIKE 'locked%')
  WITH CHECK (account_id = 'ours' AND assignee_id <> 'nobody')`)
	host := open(t, asRole(t, dsn))
	for name, store := range bothScopes(host) {
		t.Run(name, func(t *testing.T) {
			p := policies{t, dsn, mustService(t, store)}
			t.Run("a_hidden_holder", p.hiddenHolder)
			t.Run("a_visible_holder_is_returned", p.visibleHolder)
			t.Run("a_row_that_is_not_let_in_is_invalid", p.notLetIn)
			t.Run("a_row_that_may_not_be_changed_is_invalid", p.notChanged)
			t.Run("an_id_that_a_hidden_row_has_is_reused", p.hiddenID)
		})
	}
}

type policies struct {
	t       *testing.T
	dsn     string
	service *assignment.Service
}

// asRole returns the DSN for a role of its own, to which policies apply.
func asRole(t *testing.T, dsn string) string {
	t.Helper()
	role := "assignment_test_" + strings.ToLower(rand.Text())
	mustApply(t, dsn, `CREATE ROLE `+role+` LOGIN;
DO $$ BEGIN
  EXECUTE format('GRANT USAGE ON SCHEMA %I TO `+role+`', current_schema());
END $$;
GRANT SELECT, INSERT, UPDATE ON assignments TO `+role)
	t.Cleanup(func() {
		conn := mustConnectLate(t, dsn)
		_, err := conn.Exec(cleanupContext(), `DROP OWNED BY `+role+`; DROP ROLE `+role)
		if err = errors.Join(err, conn.Close(cleanupContext())); err != nil {
			t.Error(err)
		}
	})
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	q.Set("role", role)
	u.RawQuery = q.Encode()
	return u.String()
}

func (p policies) params() assignment.CreateParams {
	return assignment.CreateParams{AccountID: "ours", Key: assignment.Key{AssigneeID: "ana", SubjectID: rand.Text()}}
}

// plant inserts a row of the account past the policies.
func (p policies) plant(t *testing.T, account, assignee, subject, status string) assignment.ID {
	t.Helper()
	id := rand.Text()
	mustApply(t, p.dsn, `INSERT INTO assignments (id, assignee_id, subject_id, status, account_id, created_at, updated_at)
VALUES ('`+id+`', '`+assignee+`', '`+subject+`', '`+status+`', '`+account+`', now(), now())`)
	return assignment.ID(id)
}

func (p policies) hiddenHolder(t *testing.T) {
	params := p.params()
	other := params
	other.Key.AssigneeID = "ben"
	p.plant(t, "theirs", "ana", params.Key.SubjectID, "pending")
	want := func(t *testing.T, err error) {
		t.Helper()
		conflict, ok := errors.AsType[*assignment.ActiveExistsError](err)
		if !ok || conflict.Existing.ID != "" || conflict.Key != params.Key || !strings.Contains(err.Error(), "can't see") {
			t.Errorf("got %v, want a conflict with a holder that can't be seen", err)
		}
	}
	t.Run("create", func(t *testing.T) {
		for range 2 {
			_, err := p.service.Create(t.Context(), params)
			want(t, err)
		}
	})
	t.Run("ensure_has_no_holder_to_return", func(t *testing.T) {
		_, err := p.service.Ensure(t.Context(), params)
		want(t, err)
	})
	t.Run("replace", func(t *testing.T) {
		_, err := p.service.Replace(t.Context(), params, assignment.ReplaceParams{RetireTo: assignment.StatusCancelled})
		want(t, err)
	})
	t.Run("reassign", func(t *testing.T) {
		a := mustCreate(t, p.service, other)
		_, err := p.service.Reassign(t.Context(), a.ID, "ana")
		want(t, err)
	})
	t.Run("reopen", func(t *testing.T) {
		id := p.plant(t, "ours", "ana", params.Key.SubjectID, "completed")
		_, err := p.service.Reopen(t.Context(), id)
		want(t, err)
	})
	t.Run("a_batch_rejects_that_item_alone", func(t *testing.T) {
		results, err := p.service.CreateMany(t.Context(), []assignment.CreateParams{p.params(), params, p.params()}, nil)
		if err != nil {
			t.Fatal(err)
		}
		want(t, results[1].Err)
		if err := errors.Join(results[0].Err, results[2].Err); err != nil {
			t.Error(err)
		}
	})
	t.Run("all_or_nothing", func(t *testing.T) {
		_, err := p.service.CreateMany(t.Context(), []assignment.CreateParams{p.params(), params},
			&assignment.BatchOptions{AllOrNothing: true})
		want(t, err)
	})
}

func (p policies) visibleHolder(t *testing.T) {
	params := p.params()
	held := mustCreate(t, p.service, params)
	_, err := p.service.Create(t.Context(), params)
	if conflict, ok := errors.AsType[*assignment.ActiveExistsError](err); !ok || conflict.Existing.ID != held.ID {
		t.Errorf("got %v, want the holder", err)
	}
}

func (p policies) notLetIn(t *testing.T) {
	params := p.params()
	params.AccountID = "theirs"
	_, err := p.service.Create(t.Context(), params)
	wantInvalid(t, err, "row-level security")
	a := mustCreate(t, p.service, p.params())
	_, err = p.service.Reassign(t.Context(), a.ID, "nobody")
	wantInvalid(t, err, "row-level security")
}

func (p policies) notChanged(t *testing.T) {
	params := p.params()
	params.Key.AssigneeID = "locked"
	a := mustCreate(t, p.service, params)
	_, err := p.service.Start(t.Context(), a.ID)
	wantInvalid(t, err, "row-level security")
	_, err = p.service.Complete(t.Context(), a.ID)
	wantInvalid(t, err, "row-level security")
	_, err = p.service.Reassign(t.Context(), a.ID, "ben")
	wantInvalid(t, err, "row-level security")
	_, err = p.service.Replace(t.Context(), params, assignment.ReplaceParams{RetireTo: assignment.StatusCancelled})
	wantInvalid(t, err, "row-level security")
}

func (p policies) hiddenID(t *testing.T) {
	params := p.params()
	params.ID = p.plant(t, "theirs", "zoe", params.Key.SubjectID, "completed")
	_, err := p.service.Create(t.Context(), params)
	if !errors.Is(err, assignment.ErrIDReused) {
		t.Errorf("got %v, want ErrIDReused", err)
	}
}

func wantInvalid(t *testing.T, err error, says string) {
	t.Helper()
	if !errors.Is(err, assignment.ErrInvalid) || !strings.Contains(err.Error(), says) {
		t.Errorf("got %v, want ErrInvalid that says %q", err, says)
	}
}
