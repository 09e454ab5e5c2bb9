package main

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/memory"
	"github.com/assignment-go/assignment/postgres"
)

// lockTimeout bounds how long a create waits for an uncommitted transaction that
// holds the slot. It is well below requestTimeout: when the database ends the wait,
// nothing was written; when the context ends it, the outcome is unknown. A
// lock_timeout in the URL takes precedence.
const lockTimeout = "2s"

// backend is a store, its name, and how to close it.
type backend struct {
	store assignment.Store
	name  string
	close func()
}

// openStore opens a store on the PostgreSQL at the URL, or one in memory without a
// URL.
//
// Both have the default lifecycle, in which cancelled frees the slot like completed.
// For a table whose index has the predicate status <> 'completed', pass
// assignment.CompletedOnlyLifecycle in the options of both.
func openStore(ctx context.Context, url string) (backend, error) {
	if url != "" {
		return openPostgres(ctx, url)
	}
	store := memory.New(nil)
	return backend{store: store, name: "memory", close: func() {}}, nil
}

func openPostgres(ctx context.Context, url string) (backend, error) {
	pgxConfig, err := pgxpool.ParseConfig(url)
	if err != nil {
		// The text of the error quotes the URL, which may contain a password.
		return backend{}, errors.New(envDatabaseURL + " is not a PostgreSQL connection string")
	}
	if err := migrate(ctx, pgxConfig.ConnConfig.Copy()); err != nil {
		return backend{}, err
	}
	if params := pgxConfig.ConnConfig.RuntimeParams; params["lock_timeout"] == "" {
		params["lock_timeout"] = lockTimeout
	}
	pool, err := pgxpool.NewWithConfig(ctx, pgxConfig)
	if err != nil {
		return backend{}, err
	}
	store, err := postgres.New(ctx, pool, nil)
	if err != nil {
		pool.Close()
		return backend{}, err
	}
	return backend{store: store, name: "PostgreSQL", close: pool.Close}, nil
}

// migrate applies the migrations, on a connection without a lock timeout: another
// process may be migrating. Services that migrate in a separate step don't need it.
func migrate(ctx context.Context, connConfig *pgx.ConnConfig) error {
	conn, err := pgx.ConnectConfig(ctx, connConfig)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	return postgres.Migrate(ctx, conn, nil)
}
