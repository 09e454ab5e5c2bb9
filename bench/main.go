// Command bench is the race lab: it compares ways to create at most one active
// assignment per key on one PostgreSQL, and reports how fast they are and how many
// duplicates they leave.
//
//	make bench                                       # on a temporary PostgreSQL, about 15 minutes
//	make bench ARGS='-quick -html /path/report.html' # within a minute
//	go -C bench run . -database-url postgres://…     # on your server, in a schema that it drops at the end
//
// It exits with 1 when a claim about correctness does not hold or the run fails,
// and with 2 after a usage error. A missed performance target is reported and does
// not change the exit code.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := command(ctx)
	stop()
	os.Exit(code)
}

func command(ctx context.Context) int {
	opts, err := parseOptions(os.Args[1:], os.Getenv, os.Stderr)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		return 2
	}
	err = run(ctx, opts, os.Stdout, progressOn(os.Stderr))
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		return 1
	}
	return 0
}
