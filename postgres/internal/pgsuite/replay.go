package pgsuite

import (
	"errors"
	"testing"

	"github.com/assignment-go/assignment"
)

// Replay checks that a request finds its row whatever SQL has done to it, which
// the conformance suite knows nothing of, and that another one does not.
func Replay(t *testing.T, open func(*testing.T) Host) {
	t.Helper()
	const stamp = `CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN NEW.account_id := 'tenant-1'; RETURN NEW; END $$;
CREATE TRIGGER stamp BEFORE INSERT ON assignments FOR EACH ROW EXECUTE FUNCTION stamp()`
	for name, c := range map[string]struct{ before, after string }{
		"a_trigger_stamps_a_column":       {before: stamp},
		"a_program_edits_the_row":         {after: `UPDATE assignments SET account_id = 'other', due_at = now(), metadata = '{"n": 2}'`},
		"a_program_moves_the_row":         {after: `UPDATE assignments SET assignee_id = 'somebody ' || id, subject_id = 'else'`},
		"a_program_completes_the_row":     {after: `UPDATE assignments SET status = 'completed', completed_at = now(), version = 7`},
		"a_program_forgets_the_timestamp": {after: `UPDATE assignments SET created_at = 'infinity', updated_at = '-infinity'`},
	} {
		t.Run("a_retry_finds_its_row_when_"+name, func(t *testing.T) {
			h := open(t)
			r := replayTest{batchTest{t, h, mustService(t, h.Joinable)}}
			if c.before != "" {
				r.exec(c.before)
			}
			r.findsItsRow(c.after)
		})
	}
	t.Run("another_request_is_rejected_when_the_row_looks_like_it", func(t *testing.T) {
		h := open(t)
		replayTest{batchTest{t, h, mustService(t, h.Joinable)}}.looksAlike()
	})
	t.Run("without_a_fingerprint_the_subject_decides", func(t *testing.T) {
		h := open(t)
		replayTest{batchTest{t, h, mustService(t, h.Joinable)}}.withoutFingerprint()
	})
}

type replayTest struct{ batchTest }

// calls are the ways to send a request.
func (r replayTest) calls() map[string]func(assignment.CreateParams) (assignment.Outcome, error) {
	t := r.t
	batch := func(opts *assignment.BatchOptions) func(assignment.CreateParams) (assignment.Outcome, error) {
		return func(p assignment.CreateParams) (assignment.Outcome, error) {
			results, err := r.service.CreateMany(t.Context(), []assignment.CreateParams{p}, opts)
			if err != nil {
				return 0, err
			}
			return results[0].Outcome, results[0].Err
		}
	}
	return map[string]func(assignment.CreateParams) (assignment.Outcome, error){
		"Ensure": func(p assignment.CreateParams) (assignment.Outcome, error) {
			result, err := r.service.Ensure(t.Context(), p)
			return result.Outcome, err
		},
		"Replace": func(p assignment.CreateParams) (assignment.Outcome, error) {
			result, err := r.service.Replace(t.Context(), p, assignment.ReplaceParams{RetireTo: assignment.StatusCancelled})
			return result.Outcome, err
		},
		"CreateMany":     batch(nil),
		"all or nothing": batch(&assignment.BatchOptions{AllOrNothing: true}),
	}
}

func (r replayTest) findsItsRow(after string) {
	r.t.Helper()
	batch := batchOf(4)
	for i := range batch {
		batch[i].AccountID, batch[i].Metadata = "account", map[string]any{"n": 1.5}
	}
	n := 0
	for name, call := range r.calls() {
		if outcome, err := call(batch[n]); err != nil || outcome != assignment.OutcomeCreated {
			r.t.Fatalf("%s: %v, %v", name, outcome, err)
		}
		n++
	}
	if after != "" {
		r.exec(after)
	}
	for name, call := range r.calls() {
		for i, p := range batch {
			if outcome, err := call(p); err != nil || outcome != assignment.OutcomeReplayed {
				r.t.Errorf("%s of item %d again: %v, %v, want replayed", name, i, outcome, err)
			}
		}
	}
	if count, err := r.service.Count(r.t.Context(), assignment.Query{}); err != nil || count != int64(len(batch)) {
		r.t.Errorf("%d rows, %v, want %d", count, err, len(batch))
	}
}

func (r replayTest) looksAlike() {
	r.t.Helper()
	p := batchOf(1)[0]
	if _, err := r.service.Create(r.t.Context(), p); err != nil {
		r.t.Fatal(err)
	}
	r.exec(`UPDATE assignments SET assignee_id = 'other', account_id = 'theirs'`)
	p.Key.AssigneeID, p.AccountID = "other", "theirs"
	r.rejected(p)
}

func (r replayTest) rejected(p assignment.CreateParams) {
	r.t.Helper()
	for name, call := range r.calls() {
		if outcome, err := call(p); !errors.Is(err, assignment.ErrIDReused) {
			r.t.Errorf("%s: %v, %v, want ErrIDReused", name, outcome, err)
		}
	}
}

func (r replayTest) withoutFingerprint() {
	r.t.Helper()
	p := batchOf(1)[0]
	if _, err := r.service.Create(r.t.Context(), p); err != nil {
		r.t.Fatal(err)
	}
	r.exec(`UPDATE assignments SET request = NULL, assignee_id = 'other'`)
	for name, call := range r.calls() {
		if outcome, err := call(p); err != nil || outcome != assignment.OutcomeReplayed {
			r.t.Errorf("%s: %v, %v, want replayed", name, outcome, err)
		}
	}
	p.Key.SubjectID = "another"
	r.rejected(p)
}
