// Command httpapi is the incident's service, rebuilt on the SDK: an HTTP API that
// assigns scenarios to counselors, to each counselor at most one of a kind at a
// time. It is meant to be copied.
//
//	EXTERNAL_API_KEY=k go run ./examples/httpapi                        # in memory
//	EXTERNAL_API_KEY=k DATABASE_URL=postgres://… go run ./examples/httpapi
//	go run ./examples/httpapi -dev                                      # makes keys
//
// The README beside this file has the incident as a test with curl, and a
// running server describes itself at GET /openapi.json.
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

// startPatience bounds the start, so that a database which does not answer
// ends it.
const startPatience = 30 * time.Second

// Exit codes: a command line or environment that can't work is 2, as flag has
// it; anything that failed later is 1.
const (
	exitOK = iota
	exitFailure
	exitUsage
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal kills
	os.Exit(run(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr))
}

// run is main without the process: it serves until ctx ends. Logs go to stderr;
// stdout is only for the keys of -dev, so that no log has a secret in it.
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
	startup, cancel := context.WithTimeout(ctx, startPatience)
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
	for _, side := range cfg.closedSides() {
		log.WarnContext(ctx, "no key is set, so this side answers 401 to everybody", "environment", side)
	}
	return serve(ctx, listener, newServer(svc, cfg.keys, requestTimeout, log), gracePeriod, log)
}
