package main

import (
	"context"
	"errors"
	"os"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/assignment-go/assignment/postgres/adopt"
)

// open returns the options for package adopt and a pool.
func (c *command) open(ctx context.Context) (*adopt.Options, *pgxpool.Pool, error) {
	opts, err := c.options()
	if err != nil {
		return nil, nil, err
	}
	pool, err := c.connect(ctx)
	return opts, pool, err
}

// connect opens a pool. Its errors contain nothing of the URL.
func (c *command) connect(ctx context.Context) (*pgxpool.Pool, error) {
	if c.DatabaseURL == "" {
		c.DatabaseURL = os.Getenv("DATABASE_URL")
	}
	if c.DatabaseURL == "" {
		return nil, errors.New("-database-url is missing, and DATABASE_URL is not set")
	}
	settings, err := pgxpool.ParseConfig(c.DatabaseURL)
	if err != nil {
		return nil, errors.New("-database-url is not a PostgreSQL URL or keyword/value string; " +
			"in a URL, percent-encode / ? # @ : and % in the user and the password")
	}
	c.secrets = append(c.secrets, settings.ConnConfig.Password)
	if settings.ConnConfig.ConnectTimeout == 0 {
		settings.ConnConfig.ConnectTimeout = 10 * time.Second
	}
	settings.MaxConns = 3
	if !strings.Contains(c.DatabaseURL, "default_query_exec_mode") {
		// without named prepared statements there is nothing that a pooler could lose
		settings.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeCacheDescribe
	}
	// an interrupt cancels the statement on the server instead of leaving it there
	settings.ConnConfig.BuildContextWatcherHandler = func(conn *pgconn.PgConn) ctxwatch.Handler {
		return &pgconn.CancelRequestContextWatcherHandler{Conn: conn, DeadlineDelay: 5 * time.Second}
	}
	return pgxpool.NewWithConfig(ctx, settings)
}

// oneLine is the text of the error without line breaks and passwords.
func (c *command) oneLine(err error) string {
	secrets := append(secretsIn(c.DatabaseURL), c.secrets...)
	return redact(strings.Join(strings.Fields(withFlagNames(err)), " "), secrets...)
}
