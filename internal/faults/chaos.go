//go:build unix

package faults

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/internal/faultproxy"
	"github.com/assignment-go/assignment/postgres/schema"
)

const (
	// chaosRate is the share of messages that a network fault hits: low, since
	// everything else fails as well.
	chaosRate = 0.02
	// The pauses leave the callers time to get something done: between two attacks
	// on single backends, two changes of the table, and two crashes.
	backendPause = 30 * time.Millisecond
	changePause  = 500 * time.Millisecond
	crashPause   = 3 * time.Second
	// unguardedFor is how long the guard is missing.
	unguardedFor = 20 * time.Millisecond
)

// Chaos returns the scenario in which everything fails at once, on a dedicated
// server: network faults, short timeouts, backends that are cancelled or
// terminated, indexes that are rebuilt, a guard that is dropped and rebuilt,
// columns that are added and dropped, and crashes of the server. All drivers
// share one table, and the host's transactions use every isolation level.
func Chaos(server *Server, dsn string) Scenario {
	return Scenario{
		Fault: "chaos", Driver: Driver{Name: "all drivers"}, Mixed: Drivers(), DSN: dsn,
		Isolations: []sql.IsolationLevel{
			sql.LevelDefault, sql.LevelReadUncommitted, sql.LevelReadCommitted,
			sql.LevelRepeatableRead, sql.LevelSerializable,
		},
		Callers: 24, Keys: 12,
		Unguarded: true,
		Plan: func(m faultproxy.Message) faultproxy.Action {
			if rand.Float64() >= chaosRate {
				return faultproxy.Action{}
			}
			return AnyFault()(m)
		},
		Sabotage: func(ctx context.Context, application string) error {
			return sabotage(ctx, server, dsn, application)
		},
		BeforeVerify: func(ctx context.Context) error {
			if err := server.Await(ctx); err != nil {
				return err
			}
			return onConnection(ctx, dsn, rebuildGuard)
		},
	}
}

// sabotage runs all attacks in parallel until the context ends. An attack only
// fails when the guard can't be rebuilt because the table holds duplicates, which
// must never happen.
func sabotage(ctx context.Context, server *Server, dsn, application string) error {
	victims := `SELECT %s(pid) FROM pg_stat_activity
WHERE application_name = '` + application + `' AND state <> 'idle' ORDER BY random() LIMIT 1`
	attacks := []struct {
		run   func(context.Context, *pgx.Conn) error
		every time.Duration
	}{
		{statements(fmt.Sprintf(victims, "pg_terminate_backend")), backendPause},
		{statements(fmt.Sprintf(victims, "pg_cancel_backend")), backendPause},
		{statements("REINDEX TABLE CONCURRENTLY assignments"), changePause},
		{statements("ALTER TABLE assignments ADD COLUMN IF NOT EXISTS passing text DEFAULT 'x'",
			"ALTER TABLE assignments DROP COLUMN IF EXISTS passing"), changePause},
		{dropAndRebuildGuard, changePause},
	}
	failures := make([]error, len(attacks)+1)
	var all sync.WaitGroup
	for i, attack := range attacks {
		all.Go(func() {
			for ctx.Err() == nil && failures[i] == nil {
				failures[i] = onConnection(ctx, dsn, attack.run)
				pause(ctx, rand.N(2*attack.every))
			}
		})
	}
	all.Go(func() {
		for ctx.Err() == nil && failures[len(attacks)] == nil {
			pause(ctx, crashPause)
			failures[len(attacks)] = server.crashOnce(ctx)
		}
	})
	all.Wait()
	return errors.Join(failures...)
}

// onConnection runs an attack on a new connection. It ignores errors, which are
// expected in the chaos, except for a unique violation: the table holds
// duplicates.
func onConnection(ctx context.Context, dsn string, attack func(context.Context, *pgx.Conn) error) error {
	conn, err := connect(ctx, dsn)
	if err != nil {
		return ignoreEnd(ctx, err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	err = attack(ctx, conn)
	if report, ok := errors.AsType[*pgconn.PgError](err); ok && report.Code == "23505" {
		return fmt.Errorf("I1: the guard can't be rebuilt: %w: %s", err, report.Detail)
	}
	return nil
}

// statements returns an attack that runs the statements one after the other. None
// waits long for a lock, since everybody else would queue up behind it.
func statements(all ...string) func(context.Context, *pgx.Conn) error {
	return func(ctx context.Context, conn *pgx.Conn) error {
		for _, statement := range append([]string{"SET lock_timeout = '300ms'"}, all...) {
			if _, err := conn.Exec(ctx, statement); err != nil {
				return err
			}
		}
		return nil
	}
}

// dropAndRebuildGuard leaves the table without a guard for a moment, in which
// no call may take a slot. It always rebuilds the guard, also when the drop
// failed, so that the next run has something to drop.
func dropAndRebuildGuard(ctx context.Context, conn *pgx.Conn) error {
	drop := "DROP INDEX IF EXISTS "
	if rand.N(2) == 0 {
		drop = "DROP INDEX CONCURRENTLY IF EXISTS "
	}
	dropped := statements(drop+pgx.Identifier{guardName()}.Sanitize())(ctx, conn)
	pause(ctx, unguardedFor)
	return errors.Join(dropped, rebuildGuard(ctx, conn))
}

// rebuildGuard builds the guard unless it is valid, and replaces an INVALID one
// that an interrupted build has left.
func rebuildGuard(ctx context.Context, conn *pgx.Conn) error {
	const isValid = `SELECT COALESCE((SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass($1)), false)`
	var valid bool
	if err := conn.QueryRow(ctx, isValid, guardName()).Scan(&valid); err != nil || valid {
		return err
	}
	render := schema.GuardSQL
	if rand.N(2) == 0 {
		render = schema.ConcurrentGuardSQL
	}
	drop := "DROP INDEX IF EXISTS " + pgx.Identifier{guardName()}.Sanitize()
	return statements(drop, render(migrated(), assignment.DefaultLifecycle()))(ctx, conn)
}

func guardName() string { return migrated().GuardName() }

func migrated() schema.Table {
	return schema.Table{Name: schema.DefaultTable, Columns: schema.DefaultColumns()}
}
