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

// errExited: a server that is no more will not answer, however long one waits.
var errExited = errors.New("the server exited")

// answer is what a server says of itself.
type answer struct {
	version string
	address string
}

// await connects until the server answers, the wait is over, or gone is
// closed because the server is no more. No error that it returns contains the
// DSN or a password.
func await(ctx context.Context, dsn string, wait time.Duration, gone <-chan struct{}) (answer, error) {
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		// The text of a parse error quotes the DSN, and cannot mask every
		// password in it.
		return answer{}, errors.New("not a PostgreSQL connection string")
	}

	deadline := time.Now().Add(wait)
	for {
		found, err := ask(ctx, config)
		if err == nil {
			return found, nil
		}
		if refused(err) || time.Now().After(deadline) {
			return answer{}, unreachable(config, err)
		}
		select {
		case <-ctx.Done():
			return answer{}, ctx.Err()
		case <-gone:
			return answer{}, errExited
		case <-time.After(attemptPause):
		}
	}
}

// ask makes one connection and inquires the version.
func ask(ctx context.Context, config *pgx.ConnConfig) (answer, error) {
	ctx, cancel := context.WithTimeout(ctx, attemptTimeout)
	defer cancel()

	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return answer{}, err
	}
	defer conn.Close(ctx)

	// Debian's server_version goes on after a blank: "15.18 (Debian …)".
	version, _, _ := strings.Cut(conn.PgConn().ParameterStatus("server_version"), " ")
	return answer{version: version, address: address(config)}, conn.Ping(ctx)
}

// refused reports whether the server is there and said no, for good: a wrong
// password or a database that does not exist gets no better by waiting.
func refused(err error) bool {
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
	// pgx reports one attempt a line; an error of ours is one line.
	cause := strings.Join(strings.Fields(err.Error()), " ")
	return fmt.Errorf("PostgreSQL at %s does not answer: %s", address(config), cause)
}

func address(config *pgx.ConnConfig) string {
	return net.JoinHostPort(config.Host, strconv.Itoa(int(config.Port)))
}
