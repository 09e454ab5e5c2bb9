package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

const (
	attemptTimeout = 30 * time.Second
	attemptPause   = 50 * time.Millisecond
)

// errExited ends the wait for a server that has exited.
var errExited = errors.New("the server exited")

// serverInfo is what a connection tells about its server.
type serverInfo struct {
	version string
	address string
}

// await tries to connect until it succeeds, the wait is over, or gone is closed
// because the server has exited. Its errors contain neither the DSN nor a password.
func await(ctx context.Context, dsn string, wait time.Duration, gone <-chan struct{}) (serverInfo, error) {
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		// The text of a parse error quotes the DSN, in which it can't mask every
		// password.
		return serverInfo{}, errors.New("not a PostgreSQL connection string")
	}

	deadline := time.Now().Add(wait)
	for {
		found, err := connect(ctx, config)
		if err == nil {
			return found, nil
		}
		if permanent(err) || time.Now().After(deadline) {
			return serverInfo{}, unreachable(config, err)
		}
		select {
		case <-ctx.Done():
			return serverInfo{}, ctx.Err()
		case <-gone:
			return serverInfo{}, errExited
		case <-time.After(attemptPause):
		}
	}
}

// connect makes one connection and reads the version of the server.
func connect(ctx context.Context, config *pgx.ConnConfig) (serverInfo, error) {
	ctx, cancel := context.WithTimeout(ctx, attemptTimeout)
	defer cancel()

	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return serverInfo{}, err
	}
	defer conn.Close(ctx)

	// Debian appends to the server_version, as in "15.18 (Debian …)".
	version, _, _ := strings.Cut(conn.PgConn().ParameterStatus("server_version"), " ")
	return serverInfo{version: version, address: address(config)}, conn.Ping(ctx)
}

// permanent reports whether waiting can't help: the server is running and rejects
// the connection, because of a wrong password or a missing database.
func permanent(err error) bool {
	pgErr, ok := errors.AsType[*pgconn.PgError](err)
	if !ok {
		return false
	}
	const cannotConnectNow = "57P03"
	return pgErr.Code != cannotConnectNow
}

func unreachable(config *pgx.ConnConfig, err error) error {
	if connectErr, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		err = connectErr.Unwrap()
	}
	// pgx reports each attempt on its own line; pgtest prints one line.
	cause := strings.Join(strings.Fields(err.Error()), " ")
	return fmt.Errorf("PostgreSQL at %s accepts no connection: %s", address(config), cause)
}

func address(config *pgx.ConnConfig) string {
	return net.JoinHostPort(config.Host, strconv.Itoa(int(config.Port)))
}
