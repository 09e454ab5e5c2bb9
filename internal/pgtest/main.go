// Pgtest provides a real PostgreSQL and runs a command with its DSN in the
// environment variable ASSIGNMENT_TEST_DATABASE_URL.
//
//	pgtest [-C dir] [-from source] [-set name=value]... [-wait duration] [--] command [argument...]
//
// See README.md for where the server comes from.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// The exit codes of pgtest itself, as in env(1) and timeout(1). Any other code is
// the command's.
const (
	exitUsage       = 2
	exitFailed      = 125
	exitInterrupted = 130
)

// cleanupTimeout bounds the removal of what was started.
const cleanupTimeout = 2 * time.Minute

func main() {
	// Linux treats the end of the thread that started a child as the death of the
	// parent, so this thread has to last as long as the process.
	holdThread()
	os.Exit(run(os.Args[1:], os.Stderr))
}

func run(args []string, stderr io.Writer) int {
	opts, err := parseOptions(args, os.Getenv, stderr)
	if err != nil {
		return exitUsage
	}

	signals := make(chan os.Signal, 8)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)

	code, err := runWithServer(opts, signals, stderr)
	if err != nil {
		fmt.Fprintf(stderr, "pgtest: %v\n", err)
	}
	return code
}

func runWithServer(opts options, signals <-chan os.Signal, stderr io.Writer) (code int, err error) {
	srv, err := obtainUninterrupted(opts)
	if errors.Is(err, context.Canceled) {
		return exitInterrupted, errors.New("interrupted")
	}
	if err != nil {
		return exitFailed, err
	}
	defer func() {
		if stopErr := stop(srv); stopErr != nil {
			code, err = exitFailed, errors.Join(err, stopErr)
		}
	}()

	fmt.Fprintf(stderr, "pgtest: PostgreSQL %s from %s, %s\n", srv.version, srv.origin, srv.address)
	return runCommand(opts, srv.dsn, signals)
}

// obtainUninterrupted gets a server, and gives up when a signal arrives.
func obtainUninterrupted(opts options) (*server, error) {
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer cancel()

	srv, err := obtain(ctx, opts)
	if err != nil {
		return nil, err
	}
	if ctx.Err() != nil {
		return nil, errors.Join(context.Canceled, stop(srv))
	}
	return srv, nil
}

// stop uses a new context, because it must also work after an interrupt.
func stop(srv *server) error {
	ctx, cancel := context.WithTimeout(context.Background(), cleanupTimeout)
	defer cancel()
	return srv.stop(ctx)
}
