package postgres_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres"
)

// Assign in the transaction in which the host writes rows of its own. A conflict
// leaves the transaction usable, so that the rejection can be noted and committed.
func ExampleStore_WithTx() {
	assign := func(ctx context.Context, pool *pgxpool.Pool, store *postgres.Store, svc *assignment.Service,
		p assignment.CreateParams, // with an ID: after a lost COMMIT, call again with the same one
	) error {
		return pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
			note := "assigned"
			_, err := svc.WithStore(store.WithTx(tx)).Create(ctx, p)
			if conflict, ok := errors.AsType[*assignment.ActiveExistsError](err); ok {
				note = fmt.Sprintf("rejected: held by %s", conflict.Existing.ID)
			} else if err != nil {
				return err // ErrRetryTransaction asks to begin again
			}
			_, err = tx.Exec(ctx, "INSERT INTO audit (assignee, note) VALUES ($1, $2)", p.Key.AssigneeID, note)
			return err
		})
	}
	_ = assign
}
