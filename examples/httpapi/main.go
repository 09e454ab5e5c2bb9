// Command httpapi is an HTTP API on the SDK: it assigns scenarios to counselors, and
// a counselor has each scenario at most once at a time. It is meant to be copied.
//
//	EXTERNAL_API_KEY=k go run ./examples/httpapi                        # in memory
//	EXTERNAL_API_KEY=k DATABASE_URL=postgres://… go run ./examples/httpapi
//	go run ./examples/httpapi -dev                                      # generates keys
//
// The README shows how to test it with curl, including ten requests at once. The
// description of the API is at GET /openapi.json.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/assignment-go/assignment"
)

// startTimeout bounds the start, also when the database does not respond.
const startTimeout = 30 * time.Second

// The exit codes: 2 for an error in the command line or the environment, as in
// package flag, and 1 for any later error.
const (
	exitOK = iota
	exitFailure
	exitUsage
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // so that a second signal kills
	os.Exit(run(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr))
}

// run is main without the process: it serves until ctx ends. Logs go to stderr and
// the keys of -dev to stdout, so that no log contains a secret.
func run(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) int {
	cfg, err := configure(args, getenv, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return exitOK
	case err != nil:
		fmt.Fprintln(stderr, "httpapi:", err)
		return exitUsage
	}
	cfg.printGenerated(stdout)

	log := slog.New(slog.NewJSONHandler(stderr, nil))
	if err := listenAndServe(ctx, cfg, log); err != nil {
		log.ErrorContext(ctx, "stopped", "error", err.Error())
		return exitFailure
	}
	return exitOK
}

func listenAndServe(ctx context.Context, cfg config, log *slog.Logger) error {
	startup, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()

	opened, err := openStore(startup, cfg.databaseURL)
	if err != nil {
		return fmt.Errorf("open the store: %w", err)
	}
	defer opened.close()
	svc, err := assignment.NewService(opened.store, nil)
	if err != nil {
		return err
	}
	listener, err := new(net.ListenConfig).Listen(startup, "tcp", cfg.addr)
	if err != nil {
		return err
	}

	log.InfoContext(ctx, "listening", "addr", listener.Addr().String(), "store", opened.name)
	for _, variable := range cfg.unsetKeys() {
		log.WarnContext(ctx, "no key is set, so every request that needs it gets 401", "environment", variable)
	}
	return serve(ctx, listener, newServer(svc, cfg.keys, requestTimeout, log), gracePeriod, log)
}
