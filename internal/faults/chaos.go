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
	// chaosRate is the share of messages that meet a network fault: few, since
	// everything else goes wrong as well.
	chaosRate = 0.02
	// Pauses leave the callers time to get something done: between two blows at
	// single statements, two changes of the table, and two crashes.
	blowPause   = 30 * time.Millisecond
	changePause = 500 * time.Millisecond
	crashPause  = 3 * time.Second
	// unguardedFor is how long the guard stays away.
	unguardedFor = 20 * time.Millisecond
)

// Chaos returns the scenario in which everything goes wrong at once, on a server
// of its own: network faults, impatient callers, backends that are cancelled or
// terminated, indexes that are rebuilt, a guard that is dropped and built again,
// columns that come and go, and crashes of the server. All drivers share one
// table, and the host's transactions have any isolation level.
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
			return wreak(ctx, server, dsn, application)
		},
		Settle: func(ctx context.Context) error {
			if err := server.Await(ctx); err != nil {
				return err
			}
			return again(ctx, dsn, rebuildGuard)
		},
	}
}

// wreak runs all saboteurs side by side until the context ends. A saboteur fails
// only with what must never happen: a guard that can't be built again, because
// the table holds duplicates.
func wreak(ctx context.Context, server *Server, dsn, application string) error {
	victims := `SELECT %s(pid) FROM pg_stat_activity
WHERE application_name = '` + application + `' AND state <> 'idle' ORDER BY random() LIMIT 1`
	blows := []struct {
		strike func(context.Context, *pgx.Conn) error
		every  time.Duration
	}{
		{strikes(fmt.Sprintf(victims, "pg_terminate_backend")), blowPause},
		{strikes(fmt.Sprintf(victims, "pg_cancel_backend")), blowPause},
		{strikes("REINDEX TABLE CONCURRENTLY assignments"), changePause},
		{strikes("ALTER TABLE assignments ADD COLUMN IF NOT EXISTS passing text DEFAULT 'x'",
			"ALTER TABLE assignments DROP COLUMN IF EXISTS passing"), changePause},
		{dropAndRebuildGuard, changePause},
	}
	failures := make([]error, len(blows)+1)
	var all sync.WaitGroup
	for i, blow := range blows {
		all.Go(func() {
			for ctx.Err() == nil && failures[i] == nil {
				failures[i] = again(ctx, dsn, blow.strike)
				pause(ctx, rand.N(2*blow.every))
			}
		})
	}
	all.Go(func() {
		for ctx.Err() == nil && failures[len(blows)] == nil {
			pause(ctx, crashPause)
			failures[len(blows)] = server.crashOnce(ctx)
		}
	})
	all.Wait()
	return errors.Join(failures...)
}

// again runs the blow on a connection of its own. What happens to a saboteur in a
// chaos is of no interest, except for the one thing that is: duplicates.
func again(ctx context.Context, dsn string, strike func(context.Context, *pgx.Conn) error) error {
	conn, err := connect(ctx, dsn)
	if err != nil {
		return ignoreEnd(ctx, err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	err = strike(ctx, conn)
	if report, ok := errors.AsType[*pgconn.PgError](err); ok && report.Code == "23505" {
		return fmt.Errorf("I1: the guard can't be built again: %w: %s", err, report.Detail)
	}
	return nil
}

// strikes returns a blow that runs the statements one after the other. None waits
// long for a lock, since everybody else would queue up behind it.
func strikes(statements ...string) func(context.Context, *pgx.Conn) error {
	return func(ctx context.Context, conn *pgx.Conn) error {
		for _, statement := range append([]string{"SET lock_timeout = '300ms'"}, statements...) {
			if _, err := conn.Exec(ctx, statement); err != nil {
				return err
			}
		}
		return nil
	}
}

// dropAndRebuildGuard leaves the slots without a guard for a moment, in which
// nobody may take one. It builds the guard in either way, and always to the end:
// the next one would find nothing to drop.
func dropAndRebuildGuard(ctx context.Context, conn *pgx.Conn) error {
	drop := "DROP INDEX IF EXISTS "
	if rand.N(2) == 0 {
		drop = "DROP INDEX CONCURRENTLY IF EXISTS "
	}
	dropped := strikes(drop+schema.Quote(guardName()))(ctx, conn)
	pause(ctx, unguardedFor)
	return errors.Join(dropped, rebuildGuard(ctx, conn))
}

// rebuildGuard replaces what an interrupted build has left.
func rebuildGuard(ctx context.Context, conn *pgx.Conn) error {
	const usable = `SELECT COALESCE((SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass($1)), false)`
	var standing bool
	if err := conn.QueryRow(ctx, usable, guardName()).Scan(&standing); err != nil || standing {
		return err
	}
	render := schema.GuardSQL
	if rand.N(2) == 0 {
		render = schema.ConcurrentGuardSQL
	}
	return strikes("DROP INDEX IF EXISTS "+schema.Quote(guardName()), render(migrated(), assignment.DefaultLifecycle()))(ctx, conn)
}

func guardName() string { return migrated().GuardName() }

func migrated() schema.Table {
	return schema.Table{Name: schema.DefaultTable, Columns: schema.DefaultColumns()}
}
