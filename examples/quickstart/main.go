// Command quickstart shows the SDK at work: it creates an assignment, meets the
// conflict, frees the slot, takes it again, and then lets fifty goroutines race
// for one slot.
//
//	go run ./examples/quickstart                              # in memory
//	go run ./examples/quickstart -database-url postgres://…   # PostgreSQL
//	go run ./examples/quickstart -database-url env            # PostgreSQL of the environment
//
// On PostgreSQL it applies the migrations by itself and leaves its three rows
// in the table assignments. Every run makes its own keys, so that it can be
// repeated on the same database.
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

// patience bounds a run, so that a server that does not answer ends it.
const patience = time.Minute

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	ctx, cancel := context.WithTimeout(ctx, patience)
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

// person has an ID that no earlier run used and a name that reads well.
type person struct {
	name, id string
}
