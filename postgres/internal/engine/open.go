package engine

import (
	"context"
	"log/slog"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/guard"
	"github.com/assignment-go/assignment/postgres/internal/pgdb"
	"github.com/assignment-go/assignment/postgres/schema"
)

// Options are those of the public packages, which document them and whose types
// convert to this one.
type Options struct {
	Policy      assignment.Policy
	Table       *schema.Table
	DeferVerify bool
	Coalesce    bool
	Logger      *slog.Logger
}

// Open returns an engine on the handle, verified unless the options defer that. No
// options mean the defaults.
func Open(ctx context.Context, db pgdb.DB, opts *Options) (*Engine, error) {
	if opts == nil {
		opts = &Options{}
	}
	e, err := New(db, opts.Table, opts.Policy)
	if err != nil {
		return nil, err
	}
	if opts.Coalesce {
		if !db.Pooled() {
			return nil, &assignment.InvalidError{Field: "Coalesce", Reason: "is for a pool: on one connection calls follow each other"}
		}
		Coalesce(e, CoalesceBounds())
	}
	if opts.DeferVerify {
		return e, nil
	}
	found, err := e.Verify(ctx)
	if err != nil {
		return nil, err
	}
	guard.Log(ctx, opts.Logger, found)
	return e, nil
}
