package pgsuite

import (
	"context"
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/conformance"
	"github.com/assignment-go/assignment/internal/testdb"
	"github.com/assignment-go/assignment/postgres/internal/guard"
	"github.com/assignment-go/assignment/postgres/schema"
)

// tableSpec is a table and how to use it.
type tableSpec struct {
	// mapping is its names.
	mapping schema.Table
	// ddl renders the statements that make it.
	ddl func(assignment.Policy) (string, error)
	// open opens a store on it.
	open Opener
	// plant writes a row into it.
	plant func(context.Context, *pgx.Conn, assignment.Assignment) error
}

// backends opens the backends of one run of the suite. Opening a schema and
// connections to it takes the server many times as long as most rules run, so a
// place in which a rule has left nothing but rows is emptied and serves the next.
type backends struct {
	spec  tableSpec
	table schema.Table
	admin *testdb.Admin
	idle  storage
}

// newBackends has what is kept dropped at the end of the test, and fails the test
// if a transaction that was left open prevents that.
func newBackends(tb testing.TB, spec tableSpec) *backends {
	tb.Helper()
	table, err := guard.Configured(&spec.mapping)
	if err != nil {
		tb.Fatal(err)
	}
	b := &backends{spec: spec, table: table, admin: testdb.NewAdmin(testdb.DSN(tb))}
	tb.Cleanup(func() {
		for _, p := range b.idle.end() {
			if err := b.drop(p); err != nil {
				tb.Errorf("after the last rule: %v", err)
			}
		}
		if err := b.admin.Close(); err != nil {
			tb.Error(err)
		}
	})
	return b
}

// Open implements conformance.Harness.
func (b *backends) Open(ctx context.Context, policy assignment.Policy) (conformance.Backend, error) {
	p := b.idle.take(policy)
	if p == nil {
		var err error
		if p, err = b.newPlace(ctx, policy); err != nil {
			return conformance.Backend{}, err
		}
	}
	backend := conformance.Backend{
		Store:       p.first.Store,
		Second:      p.second.Store,
		Connections: p.connections,
		Close:       func() error { return b.leave(p) }, //nolint:contextcheck // that of the rule has ended by then
		Plant: func(ctx context.Context, a assignment.Assignment) error {
			return b.admin.In(ctx, p.name, func(ctx context.Context, conn *pgx.Conn) error { return b.spec.plant(ctx, conn, a) })
		},
		Reject: func(ctx context.Context, k assignment.Key) error {
			p.spoiled.Store(true)
			return b.execute(ctx, p, rejectKey(b.table, k))
		},
	}
	if p.first.Single {
		loseReplies(&backend, p, b.spec.open)
	}
	if p.first.Begin != nil {
		backend.Begin = func(ctx context.Context) (conformance.Tx, error) {
			tx, err := p.first.Begin(ctx)
			return conformance.Tx{Store: tx.Store, Commit: tx.Commit, Rollback: tx.Rollback}, err
		}
	}
	return backend, nil
}

func (b *backends) newPlace(ctx context.Context, policy assignment.Policy) (*place, error) {
	ddl, err := b.spec.ddl(policy)
	if err != nil {
		return nil, err
	}
	name, dsn, err := b.admin.NewSchema(ctx)
	if err != nil {
		return nil, err
	}
	p := &place{name: name, dsn: dsn, policy: policy}
	if err := b.execute(ctx, p, ddl); err != nil {
		return nil, errors.Join(err, b.admin.Drop(name)) //nolint:contextcheck // ctx may have ended
	}
	p.first, p.second, err = openTwo(ctx, dsn, policy, b.spec.open)
	if err != nil {
		return nil, errors.Join(err, b.admin.Drop(name)) //nolint:contextcheck // ctx may have ended
	}
	return p, nil
}

// leave empties the place for the next rule, or drops it when nobody can tell
// that this one has left nothing but rows.
func (b *backends) leave(p *place) error {
	if p.spoiled.Load() || !b.quiesced(p) {
		return b.drop(p)
	}
	// It waits for every transaction that has used the table, as a drop does.
	if err := b.execute(context.Background(), p, "TRUNCATE "+b.table.String()); err != nil {
		return errors.Join(err, b.drop(p))
	}
	if !b.idle.put(p) {
		return b.drop(p)
	}
	return nil
}

func (b *backends) drop(p *place) error {
	p.first.Close()
	p.second.Close()
	return b.admin.Drop(p.name)
}

func (b *backends) execute(ctx context.Context, p *place, statements string) error {
	return b.admin.In(ctx, p.name, func(ctx context.Context, conn *pgx.Conn) error { return executeOn(ctx, conn, statements) })
}
