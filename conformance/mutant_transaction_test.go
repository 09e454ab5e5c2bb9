package conformance_test

import (
	"context"
	"sync"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/conformance"
)

// transactionMutants have transactions that are none.
func transactionMutants() []mutant {
	return []mutant{
		{name: "uncommitted_row_is_seen", rule: "transaction/winner_rolls_back", open: inTx(dirty)},
		{name: "uncommitted_completion_is_seen", rule: "transaction/completion_rolls_back", open: inTx(dirty)},
		{name: "commit_is_lost", rule: "transaction/winner_commits", open: inTx(forgetting)},
		{name: "committed_completion_is_lost", rule: "transaction/completion_commits", open: inTx(forgetting)},
	}
}

type beginFunc func(t *table, lock sync.Locker, l assignment.Lifecycle) conformance.Tx

func inTx(begin beginFunc) func(context.Context, assignment.Policy) (conformance.Backend, error) {
	return func(ctx context.Context, p assignment.Policy) (conformance.Backend, error) {
		var handle *lab
		backend, err := opener(func(d *lab) assignment.Store {
			handle = d
			return d
		})(ctx, p)
		backend.Begin = func(context.Context) (conformance.Tx, error) {
			return begin(handle.table, handle.lock, p.Lifecycle), nil
		}
		return backend, err
	}
}

// dirty shows what is not committed, and undoes it on rollback.
func dirty(t *table, lock sync.Locker, l assignment.Lifecycle) conformance.Tx {
	before := t.copy()
	return conformance.Tx{
		Store:  newLab(t, lock, l),
		Commit: func(context.Context) error { return nil },
		Rollback: func(context.Context) error {
			lock.Lock()
			defer lock.Unlock()
			t.replace(before)
			return nil
		},
	}
}

// forgetting commits nothing.
func forgetting(t *table, lock sync.Locker, l assignment.Lifecycle) conformance.Tx {
	tx := isolated(t, lock, l)
	tx.Commit = tx.Rollback
	return tx
}
