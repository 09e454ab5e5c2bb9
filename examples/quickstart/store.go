package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/memory"
	"github.com/assignment-go/assignment/postgres"
)

// Where -database-url env looks, in this order.
const (
	envTestDatabaseURL = "ASSIGNMENT_TEST_DATABASE_URL"
	envDatabaseURL     = "DATABASE_URL"
)

// poolSize lets the callers race inside the database rather than queue for a
// connection, and is still modest for a small server. A pool_max_conns in the
// URL has precedence.
const poolSize = 16

// backend is a store, what to call it, and how to let go of it.
type backend struct {
	store assignment.Store
	name  string
	close func()
}

// open picks the store that the command line asks for.
func open(ctx context.Context, url string) (backend, error) {
	switch url {
	case "":
		return openMemory()
	case "env":
		fromEnv, err := urlFromEnvironment()
		if err != nil {
			return backend{}, err
		}
		return openPostgres(ctx, fromEnv)
	default:
		return openPostgres(ctx, url)
	}
}

func openMemory() (backend, error) {
	store := memory.New(nil)
	return backend{store: store, name: "memory", close: func() {}}, nil
}

func openPostgres(ctx context.Context, url string) (backend, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return backend{}, err
	}
	if !strings.Contains(url, "pool_max_conns") {
		config.MaxConns = poolSize
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return backend{}, err
	}
	store, err := migrate(ctx, pool)
	if err != nil {
		pool.Close()
		return backend{}, err
	}
	name := fmt.Sprintf("PostgreSQL, database %s on %s", config.ConnConfig.Database, config.ConnConfig.Host)
	return backend{store: store, name: name, close: pool.Close}, nil
}

// migrate brings the schema up to date and opens the store on it. Programs that
// migrate in another step leave the first call out.
func migrate(ctx context.Context, pool *pgxpool.Pool) (*postgres.Store, error) {
	if err := postgres.Migrate(ctx, pool, nil); err != nil {
		return nil, err
	}
	return postgres.New(ctx, pool, nil)
}

func urlFromEnvironment() (string, error) {
	for _, name := range []string{envTestDatabaseURL, envDatabaseURL} {
		if url := os.Getenv(name); url != "" {
			return url, nil
		}
	}
	return "", errors.New("-database-url env: neither " + envTestDatabaseURL + " nor " + envDatabaseURL + " is set")
}
