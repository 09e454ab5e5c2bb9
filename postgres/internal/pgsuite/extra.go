package pgsuite

import (
	"context"
	"errors"
	"testing"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/schema"
)

// ExtraDDL adds the columns of the host's own that ExtraValues fills.
const ExtraDDL = `ALTER TABLE assignments ADD COLUMN shard smallint, ADD COLUMN region text`

// extraCall is a write that inserts a row.
type extraCall struct {
	name string
	call func(context.Context, *assignment.Service) error
}

func extraCalls() []extraCall {
	item := func(results []assignment.ItemResult, err error) error {
		if len(results) > 0 {
			return results[0].Err
		}
		return err
	}
	return []extraCall{
		{"create", func(ctx context.Context, s *assignment.Service) error {
			p := taken()
			p.ID = "chosen"
			_, err := s.Create(ctx, p)
			return err
		}},
		{"create_with_a_new_ID", func(ctx context.Context, s *assignment.Service) error {
			_, err := s.Create(ctx, taken())
			return err
		}},
		{"replace", func(ctx context.Context, s *assignment.Service) error {
			_, err := s.Replace(ctx, taken(), assignment.ReplaceParams{RetireTo: assignment.StatusCancelled})
			return err
		}},
		{"create_many", func(ctx context.Context, s *assignment.Service) error {
			return item(s.CreateMany(ctx, []assignment.CreateParams{taken()}, nil))
		}},
		{"create_all", func(ctx context.Context, s *assignment.Service) error {
			return item(s.CreateMany(ctx, []assignment.CreateParams{taken()}, &assignment.BatchOptions{AllOrNothing: true}))
		}},
	}
}

// ExtraValues gives columns of the host's own values that can't be sent, or that
// the server does not take. Each is an error about the input, at once: nothing
// was lost, and nothing has to be tried again.
func ExtraValues(t *testing.T, open func(*testing.T, *schema.Table) Host) {
	t.Helper()
	var value any = 7
	extra := func(column string, value func() any) schema.Extra {
		return schema.Extra{Column: column, Value: func(assignment.Assignment) (any, error) { return value(), nil }}
	}
	h := open(t, &schema.Table{Name: "assignments", Columns: schema.DefaultColumns(), Extra: []schema.Extra{
		extra("region", func() any { return "eu" }), extra("shard", func() any { return value }),
	}})
	for name, bad := range map[string]any{
		"a_number_out_of_range":    70000,
		"a_struct":                 struct{ Shard int }{7},
		"a_channel":                make(chan int),
		"a_text_that_is_no_number": "seven",
	} {
		for _, c := range extraCalls() {
			t.Run(c.name+"/"+name, func(t *testing.T) {
				value = bad
				defer func() { value = 7 }()
				wantShard(t, c.call(t.Context(), mustService(t, h.Joinable)))
			})
			t.Run(c.name+"/"+name+"/in_a_transaction", func(t *testing.T) {
				value = bad
				defer func() { value = 7 }()
				tx := mustBegin(t, h)
				wantShard(t, c.call(t.Context(), mustService(t, tx.Store)))
				if err := tx.Exec(t.Context(), "SELECT 1"); err != nil {
					t.Errorf("the transaction is over: %v", err)
				}
			})
		}
	}
	t.Run("the_store_goes_on", func(t *testing.T) {
		if _, err := mustService(t, h.Joinable).Create(t.Context(), taken()); err != nil {
			t.Error(err)
		}
	})
}

// wantShard wants the rejection of one value.
func wantShard(t *testing.T, err error) {
	t.Helper()
	invalid, ok := errors.AsType[*assignment.InvalidError](err)
	if !ok || !errors.Is(err, assignment.ErrInvalid) {
		t.Fatalf("got %v, want an *InvalidError about shard", err)
	}
	if invalid.Field != "shard" {
		t.Errorf("the error is about %q, want shard: %v", invalid.Field, err)
	}
	for _, other := range []error{assignment.ErrUnavailable, assignment.ErrUnknownOutcome, assignment.ErrRetryTransaction} {
		if errors.Is(err, other) {
			t.Errorf("%v is %q as well", err, other)
		}
	}
}
