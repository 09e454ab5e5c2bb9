// Package stage sets up what the strategies run on: a new schema on one PostgreSQL,
// its tables, and one pool per driver, all of the same size.
package stage

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/assignment-go/assignment/bench/internal/wire"
)

// applicationName identifies the lab in the views of the server.
const applicationName = "assignment-bench"

// cleanupTimeout bounds the drop of the schema, which may have five million rows.
const cleanupTimeout = 2 * time.Minute

// connLifetime is longer than any run, so that prepared statements stay.
const connLifetime = 24 * time.Hour

// controlConns is the number of connections for what is not measured: tables,
// counts, settings.
const controlConns = 2

// Stage is the schema and the pools. The pools are safe for concurrent use,
// the methods are not.
type Stage struct {
	// Schema is where all tables are. It is dropped by Close.
	Schema string
	// Callers is the size of each pool.
	Callers int
	// Pgx, PQ and Stdlib are the pools of the strategies. Wire counts their round
	// trips.
	Pgx    *pgxpool.Pool
	PQ     *sql.DB
	Stdlib *sql.DB
	// Wire is the counter of the three pools.
	Wire *wire.Counter

	control *pgxpool.Pool
}

// Open creates the schema on the server that url names, and the pools. Its errors
// never contain the url, which may hold a password.
func Open(ctx context.Context, url string, callers int) (*Stage, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, errors.New("not a PostgreSQL connection string")
	}
	s := &Stage{
		Schema:  "assignment_bench_" + strings.ToLower(rand.Text()),
		Callers: callers,
		Wire:    &wire.Counter{},
	}
	config.ConnConfig.RuntimeParams["search_path"] = s.Schema
	config.ConnConfig.RuntimeParams["application_name"] = applicationName
	if err := s.openControl(ctx, config.Copy()); err != nil {
		return nil, err
	}
	if err := s.openPools(ctx, url, config); err != nil {
		return nil, errors.Join(err, s.Close()) //nolint:contextcheck // also when the context has ended
	}
	return s, nil
}

func (s *Stage) openControl(ctx context.Context, config *pgxpool.Config) error {
	config.MaxConns = controlConns
	control, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	s.control = control
	if err := s.checkConnections(ctx); err != nil {
		control.Close()
		return err
	}
	if err := s.exec(ctx, "CREATE SCHEMA "+s.Schema); err != nil {
		control.Close()
		return err
	}
	return nil
}

// checkConnections checks that the server allows as many connections as three pools
// need.
func (s *Stage) checkConnections(ctx context.Context) error {
	var allowed int
	const query = `SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int`
	if err := s.control.QueryRow(ctx, query).Scan(&allowed); err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	if needed := 3*s.Callers + controlConns; needed > allowed {
		return fmt.Errorf("three pools of %d connections need %d, the server allows %d: raise max_connections or lower -callers",
			s.Callers, needed, allowed)
	}
	return nil
}

func (s *Stage) openPools(ctx context.Context, url string, config *pgxpool.Config) error {
	config.MaxConns, config.MinConns = int32(s.Callers), int32(s.Callers) //nolint:gosec // bounded by max_connections
	config.MaxConnLifetime, config.MaxConnIdleTime = connLifetime, connLifetime
	config.ConnConfig.DialFunc = s.Wire.DialContext
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	s.Pgx = pool
	s.Stdlib = s.size(stdlib.OpenDB(*config.ConnConfig))
	connector, err := s.libpq(url)
	if err != nil {
		return err
	}
	s.PQ = s.size(sql.OpenDB(connector))
	return errors.Join(s.Stdlib.PingContext(ctx), s.PQ.PingContext(ctx))
}

// size makes a database/sql pool keep its connections open, as pgxpool does.
func (s *Stage) size(db *sql.DB) *sql.DB {
	db.SetMaxOpenConns(s.Callers)
	db.SetMaxIdleConns(s.Callers)
	return db
}

// Prepare prepares the statements on every connection of Pgx, under their text as
// name, by which pgx finds them. The statement cache of the pool would not do: it
// drops a statement after each error and prepares it again.
func (s *Stage) Prepare(ctx context.Context, statements ...string) error {
	return s.onEvery(ctx, func(ctx context.Context) (func(), error) {
		conn, err := s.Pgx.Acquire(ctx)
		if err != nil {
			return nil, err
		}
		for _, statement := range statements {
			if _, err := conn.Conn().Prepare(ctx, statement, statement); err != nil {
				return conn.Release, err
			}
		}
		return conn.Release, nil
	})
}

// Close drops the schema and closes the pools. It works after the context of
// Open has ended.
func (s *Stage) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), cleanupTimeout)
	defer cancel()

	if s.Pgx != nil {
		s.Pgx.Close()
	}
	for _, db := range []*sql.DB{s.Stdlib, s.PQ} {
		if db != nil {
			db.Close() //nolint:errcheck,gosec // the drop fails if a transaction is left open
		}
	}
	err := s.exec(ctx, "DROP SCHEMA IF EXISTS "+s.Schema+" CASCADE")
	s.control.Close()
	return err
}

func (s *Stage) exec(ctx context.Context, statement string) error {
	if _, err := s.control.Exec(ctx, statement); err != nil {
		return fmt.Errorf("%s: %w", statement, err)
	}
	return nil
}

// quoted returns the quoted name of the table, with its schema.
func (s *Stage) quoted(table string) string { return pgx.Identifier{s.Schema, table}.Sanitize() }
