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

// lockTimeout bounds how long a create waits for a transaction that holds the
// slot but has not committed. It is well below requestTimeout: a wait that the
// database ends is known to have written nothing, one that a context ends is
// not. A lock_timeout in the URL has precedence.
const lockTimeout = "2s"

// backend is a store, what to call it, and how to let go of it.
type backend struct {
	store assignment.Store
	name  string
	close func()
}

// openStore returns the store of PostgreSQL at the URL, or one in memory when
// there is none.
//
// Both have the default lifecycle: cancelled frees the slot as completed does,
// so that an assignment made by mistake can be withdrawn. For a table whose index
// says status <> 'completed', pass assignment.CompletedOnlyLifecycle in the
// options of each; the conflicts are the same.
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
		// The text of the error quotes the URL, which may hold a password.
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

// migrate brings the schema up to date, on a connection that waits as long as it
// takes while another process does the same. Services that migrate in a step of
// their own leave it out.
func migrate(ctx context.Context, connConfig *pgx.ConnConfig) error {
	conn, err := pgx.ConnectConfig(ctx, connConfig)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	return postgres.Migrate(ctx, conn, nil)
}
