package conformance_test

import (
	"context"
	"sync"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/conformance"
)

// transactionMutants have transactions that do not isolate or do not commit.
func transactionMutants() []mutant {
	return []mutant{
		{name: "uncommitted_row_is_visible", rule: "transaction/holder_rolls_back", open: withBegin(uncommittedVisible)},
		{name: "uncommitted_completion_is_visible", rule: "transaction/completion_rolls_back", open: withBegin(uncommittedVisible)},
		{name: "commit_is_lost", rule: "transaction/holder_commits", open: withBegin(losesCommit)},
		{name: "committed_completion_is_lost", rule: "transaction/completion_commits", open: withBegin(losesCommit)},
	}
}

type beginFunc func(t *table, lock sync.Locker, l assignment.Lifecycle) conformance.Tx

func withBegin(begin beginFunc) func(context.Context, assignment.Policy) (conformance.Backend, error) {
	return func(ctx context.Context, p assignment.Policy) (conformance.Backend, error) {
		var handle *driver
		backend, err := opener(func(d *driver) assignment.Store {
			handle = d
			return d
		})(ctx, p)
		backend.Begin = func(context.Context) (conformance.Tx, error) {
			return begin(handle.table, handle.lock, p.Lifecycle), nil
		}
		return backend, err
	}
}

// uncommittedVisible makes uncommitted writes visible, and undoes them on rollback.
func uncommittedVisible(t *table, lock sync.Locker, l assignment.Lifecycle) conformance.Tx {
	before := t.copy()
	return conformance.Tx{
		Store:  newDriver(t, lock, l),
		Commit: func(context.Context) error { return nil },
		Rollback: func(context.Context) error {
			lock.Lock()
			defer lock.Unlock()
			t.replace(before)
			return nil
		},
	}
}

// losesCommit commits nothing.
func losesCommit(t *table, lock sync.Locker, l assignment.Lifecycle) conformance.Tx {
	tx := beginIsolated(t, lock, l)
	tx.Commit = tx.Rollback
	return tx
}
