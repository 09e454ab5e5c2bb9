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

// The environment variables that -database-url env reads, in this order.
const (
	envTestDatabaseURL = "ASSIGNMENT_TEST_DATABASE_URL"
	envDatabaseURL     = "DATABASE_URL"
)

// poolSize is large enough for callers to compete in the database instead of
// waiting for a connection, and small enough for a small server. A pool_max_conns
// in the URL takes precedence.
const poolSize = 16

// backend is a store, its name, and how to close it.
type backend struct {
	store assignment.Store
	name  string
	close func()
}

// open opens the store that the command line selects.
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

// migrate applies the migrations and opens the store. Programs that migrate in a
// separate step don't need the first call.
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
