package pgsuite

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/assignment-go/assignment"
)

// Batch checks what the conformance suite can't know of: a table with rules of
// its own, and a caller's transaction.
func Batch(t *testing.T, open func(*testing.T) Host) {
	t.Helper()
	for name, check := range map[string]func(batchTest){
		"rows_that_the_table_rejects_stop_no_others":         batchTest.foreignKey,
		"a_unique_index_of_the_host_rejects_one_row":         batchTest.uniqueIndex,
		"a_repeated_batch_finds_what_was_completed":          batchTest.replays,
		"all_or_nothing_names_the_row_that_is_rejected":      batchTest.wholeForeignKey,
		"all_or_nothing_can_be_repeated":                     batchTest.wholeReplays,
		"a_rejected_batch_leaves_the_transaction_usable":     batchTest.inTransaction,
		"texts_that_look_like_array_syntax_survive":          batchTest.hostileTexts,
		"attributes_that_only_some_rows_have_stay_with_them": batchTest.sparse,
		"none_is_none_whatever_array_nulls_says":             batchTest.withoutArrayNulls,
	} {
		t.Run(name, func(t *testing.T) {
			h := open(t)
			check(batchTest{t, h, mustService(t, h.Joinable)})
		})
	}
}

type batchTest struct {
	t       *testing.T
	host    Host
	service *assignment.Service
}

const batchSize = 100

func batchOf(n int) []assignment.CreateParams {
	batch := make([]assignment.CreateParams, n)
	for i := range batch {
		batch[i] = assignment.CreateParams{
			ID:  assignment.ID(fmt.Sprintf("id-%03d", i)),
			Key: assignment.Key{AssigneeID: fmt.Sprintf("assignee-%03d", i), SubjectID: "subject"},
		}
	}
	return batch
}

func (b batchTest) exec(statements string) {
	b.t.Helper()
	tx := mustBegin(b.t, b.host)
	if err := errors.Join(tx.Exec(b.t.Context(), statements), tx.Commit(b.t.Context())); err != nil {
		b.t.Fatal(err)
	}
}

func (b batchTest) mustCreate(batch []assignment.CreateParams) []assignment.ItemResult {
	b.t.Helper()
	results, err := b.service.CreateMany(b.t.Context(), batch, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	return results
}

func (b batchTest) wantRows(want int64) {
	b.t.Helper()
	if n, err := b.service.Count(b.t.Context(), assignment.Query{SubjectID: "subject"}); err != nil || n != want {
		b.t.Errorf("%d rows, %v; want %d", n, err, want)
	}
}

// reject returns the positions that a foreign key will reject.
func (b batchTest) reject() []int {
	b.t.Helper()
	b.exec(`CREATE TABLE people (id text PRIMARY KEY);
INSERT INTO people SELECT 'assignee-' || lpad(n::text, 3, '0') FROM generate_series(0, 99) AS n WHERE n NOT IN (7, 8, 93);
ALTER TABLE assignments ADD CONSTRAINT known_people FOREIGN KEY (assignee_id) REFERENCES people`)
	return []int{7, 8, 93}
}

func (b batchTest) foreignKey() {
	rejected := b.reject()
	for i, r := range b.mustCreate(batchOf(batchSize)) {
		invalid, isInvalid := errors.AsType[*assignment.InvalidError](r.Err)
		switch {
		case !slices.Contains(rejected, i) && r.Outcome != assignment.OutcomeCreated:
			b.t.Errorf("item %d: %v", i, r.Err)
		case slices.Contains(rejected, i) && (!isInvalid || invalid.Field != "known_people"):
			b.t.Errorf("item %d: got %v, want the foreign key", i, r.Err)
		}
	}
	b.wantRows(int64(batchSize - len(rejected)))
}

func (b batchTest) uniqueIndex() {
	b.exec(`CREATE UNIQUE INDEX one_per_account ON assignments (account_id)`)
	batch := batchOf(batchSize)
	batch[20].AccountID, batch[60].AccountID = "shared", "shared"
	for i, r := range b.mustCreate(batch) {
		if invalid, ok := errors.AsType[*assignment.InvalidError](r.Err); i == 60 && (!ok || invalid.Field != "one_per_account") {
			b.t.Errorf("item %d: got %v, want the unique index", i, r.Err)
		}
		if i != 60 && r.Outcome != assignment.OutcomeCreated {
			b.t.Errorf("item %d: %v", i, r.Err)
		}
	}
}

func (b batchTest) replays() {
	batch := batchOf(batchSize)
	b.mustCreate(batch[:50])
	if _, err := b.service.Complete(b.t.Context(), batch[10].ID); err != nil {
		b.t.Fatal(err)
	}
	for i, r := range b.mustCreate(batch) {
		want := assignment.OutcomeCreated
		if i < 50 {
			want = assignment.OutcomeReplayed
		}
		if r.Outcome != want {
			b.t.Errorf("item %d: %v, %v; want %v", i, r.Outcome, r.Err, want)
		}
	}
	b.wantRows(batchSize)
}

func (b batchTest) wholeForeignKey() {
	rejected := b.reject()
	_, err := b.service.CreateMany(b.t.Context(), batchOf(batchSize), &assignment.BatchOptions{AllOrNothing: true})
	item, ok := errors.AsType[*assignment.BatchError](err)
	if !ok || item.Index != rejected[0] || !errors.Is(err, assignment.ErrInvalid) {
		b.t.Errorf("got %v, want item %d", err, rejected[0])
	}
	b.wantRows(0)
}

func (b batchTest) wholeReplays() {
	batch, whole := batchOf(batchSize), &assignment.BatchOptions{AllOrNothing: true}
	if _, err := b.service.CreateMany(b.t.Context(), batch, whole); err != nil {
		b.t.Fatal(err)
	}
	if _, err := b.service.Complete(b.t.Context(), batch[10].ID); err != nil {
		b.t.Fatal(err)
	}
	results, err := b.service.CreateMany(b.t.Context(), batch, whole)
	if err != nil {
		b.t.Fatal(err)
	}
	for i, r := range results {
		if r.Outcome != assignment.OutcomeReplayed {
			b.t.Errorf("item %d: %v", i, r.Outcome)
		}
	}
	b.wantRows(batchSize)
}

func (b batchTest) inTransaction() {
	b.reject()
	tx := mustBegin(b.t, b.host)
	inTx := b.service.WithStore(tx.Store)
	if _, err := inTx.CreateMany(b.t.Context(), batchOf(7), nil); err != nil {
		b.t.Fatal(err)
	}
	_, err := inTx.CreateMany(b.t.Context(), batchOf(batchSize), &assignment.BatchOptions{AllOrNothing: true})
	if !errors.Is(err, assignment.ErrInvalid) {
		b.t.Errorf("got %v, want ErrInvalid", err)
	}
	if err := tx.Commit(b.t.Context()); err != nil {
		b.t.Fatal(err)
	}
	b.wantRows(7)
}

func (b batchTest) hostileTexts() {
	var batch []assignment.CreateParams
	for _, text := range []string{`NULL`, `null`, `{}`, `{a,b}`, `"`, `\`, `\"`, `a,b`, ` `, "\n\t", `'`, `$1`, "ü\u0000"[:2], `\\`} {
		batch = append(batch, assignment.CreateParams{
			Key:        assignment.Key{AssigneeID: text, SubjectID: "subject"},
			AssignedBy: text, AccountID: text, Metadata: map[string]any{"text": text},
		})
	}
	for i, r := range b.mustCreate(batch) {
		got, err := b.service.Get(b.t.Context(), r.ID)
		same := got.Key == batch[i].Key && got.AccountID == batch[i].AccountID &&
			reflect.DeepEqual(got.Metadata, r.Assignment.Metadata)
		if err != nil || !same {
			b.t.Errorf("%q came back as %+v, %v", batch[i].Key.AssigneeID, got, err)
		}
	}
}

func (b batchTest) sparse() {
	batch := batchOf(9)
	batch[2].DueAt = time.Date(2031, 2, 3, 4, 5, 6, 7000, time.UTC)
	batch[3].DueAt = time.Date(1, 1, 1, 0, 0, 0, 1000, time.UTC)
	batch[4].Metadata = map[string]any{"n": 1.5}
	batch[5].AccountID = "account"
	for i, r := range b.mustCreate(batch) {
		got, err := b.service.Get(b.t.Context(), r.ID)
		same := got.AccountID == batch[i].AccountID && reflect.DeepEqual(got.Metadata, r.Assignment.Metadata) &&
			got.DueAt.Equal(batch[i].DueAt) && got.CreatedAt.Equal(r.Assignment.CreatedAt)
		if err != nil || !same {
			b.t.Errorf("item %d came back as %+v, %v; want %+v", i, got, err, r.Assignment)
		}
	}
}

// withoutArrayNulls has a server that reads NULL in an array literal as a text.
func (b batchTest) withoutArrayNulls() {
	tx := mustBegin(b.t, b.host)
	if err := tx.Exec(b.t.Context(), `SET LOCAL array_nulls = off`); err != nil {
		b.t.Fatal(err)
	}
	batch := batchOf(4)
	batch[0].AssignedBy, batch[1].AccountID = "somebody", "NULL"
	batch[2].DueAt, batch[3].Metadata = time.Date(2031, 2, 3, 4, 5, 6, 7000, time.UTC), map[string]any{"n": 1.5}
	results, err := b.service.WithStore(tx.Store).CreateMany(b.t.Context(), batch, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	if err := tx.Commit(b.t.Context()); err != nil {
		b.t.Fatal(err)
	}
	for i, r := range results {
		got, err := b.service.Get(b.t.Context(), r.ID)
		if err != nil || r.Err != nil || got.AssignedBy != batch[i].AssignedBy || got.AccountID != batch[i].AccountID ||
			!got.DueAt.Equal(batch[i].DueAt) || len(got.Metadata) != len(batch[i].Metadata) {
			b.t.Errorf("item %d came back as %+v, %v, %v; want %+v", i, got, err, r.Err, batch[i])
		}
	}
}
