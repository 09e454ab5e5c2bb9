// Command quickstart shows the SDK in use: it creates an assignment, gets a conflict
// for a second one, frees the slot, takes it again, and then lets fifty goroutines
// race for one slot.
//
//	go run ./examples/quickstart                              # in memory
//	go run ./examples/quickstart -database-url postgres://…   # PostgreSQL
//	go run ./examples/quickstart -database-url env            # PostgreSQL named by the environment
//
// On PostgreSQL it applies the migrations and leaves three rows in the table
// assignments. Every run uses new keys, so that it can be repeated on the same
// database.
package main

import (
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"

	"github.com/assignment-go/assignment"
)

// timeout bounds a run, also when the server does not respond.
const timeout = time.Minute

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	ctx, cancel := context.WithTimeout(ctx, timeout)
	err := run(ctx, os.Stdout, os.Args[1:])
	cancel()
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "quickstart:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, w io.Writer, args []string) error {
	flags := flag.NewFlagSet("quickstart", flag.ContinueOnError)
	flags.SetOutput(w)
	url := flags.String("database-url", "", "use the PostgreSQL at this `URL`; env takes it from "+
		envTestDatabaseURL+" or "+envDatabaseURL+" (default: in memory)")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}

	opened, err := open(ctx, *url)
	if err != nil {
		return err
	}
	defer opened.close()
	svc, err := assignment.NewService(opened.store, nil)
	if err != nil {
		return err
	}

	who := person{name: "ana", id: "ana-" + rand.Text()}
	fmt.Fprintf(w, "store  %s\n", opened.name)
	if err := tour(ctx, w, svc, who); err != nil {
		return err
	}
	return race(ctx, w, svc, who)
}

// person has a readable name, and an ID that no earlier run has used.
type person struct {
	name, id string
}
