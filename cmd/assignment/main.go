// Command assignment puts the guard of the active slot on a table that already
// exists, and applies or prints the migrations of a new one. It is a thin layer on
// the packages postgres/adopt and postgres/schema; see assignment help.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/schema"
)

// The exit codes.
const (
	exitFine     = 0
	exitFindings = 1 // something is left to do
	exitTrouble  = 2 // usage, connection, or an error of the server
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	os.Exit(run(ctx, os.Args[1:], streams{out: os.Stdout, err: os.Stderr, bar: terminal(os.Stderr)}))
}

// streams is where the output goes.
type streams struct {
	out, err io.Writer
	bar      bool // err is a terminal

	secrets []string // never to be printed
}

func terminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

const usage = `usage: assignment COMMAND [flags]

  check     report what keeps the table from being guarded; writes nothing
  repair    resolve duplicates: keep one of each, retire the others
  guard     build the unique index and set NOT NULL; drops no index of yours
  migrate   print, write or apply the migrations of a new table
  version   print the version
  help      print this

repair, guard and migrate only show what they would do, unless -apply is given.
assignment COMMAND -help lists the flags. DATABASE_URL replaces -database-url.

exit codes: 0 success; 1 findings, or work that is left, possibly all of it;
2 usage, connection, or an error of the server
`

// run does one command and returns the exit code.
func run(ctx context.Context, args []string, s streams) int {
	commands := map[string]func(context.Context, *command) (int, error){
		"check": check, "repair": repair, "guard": guard, "migrate": migrate,
	}
	name := "help"
	if len(args) > 0 {
		name, args = args[0], args[1:]
	}
	s.secrets = secretsIn(append(slices.Clone(args), name, os.Getenv("DATABASE_URL"))...)
	s.secrets = append(s.secrets, os.Getenv("PGPASSWORD"))
	s.out = newRedactor(s.out, args)
	do, known := commands[name]
	switch {
	case name == "help", name == "-h", name == "-help", name == "--help":
		fmt.Fprint(s.out, usage)
		return exitFine
	case name == "version":
		fmt.Fprintln(s.out, "assignment", version())
		return exitFine
	case !known:
		fmt.Fprintln(s.err, redact(fmt.Sprintf("assignment: there is no command %q; try assignment help", name), s.secrets...))
		return exitTrouble
	}
	c, err := parse(name, args, s)
	if errors.Is(err, errHelp) {
		return exitFine
	}
	if err != nil {
		return fail(s, c, err)
	}
	code, err := do(ctx, c)
	if err != nil {
		return fail(s, c, err)
	}
	return code
}

func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(unknown)"
}

// fail prints the error in one line, without passwords.
func fail(s streams, c *command, err error) int {
	text := c.oneLine(err)
	// package adopt names the operation, which is the command
	for _, operation := range []string{"plan " + c.name, c.name} {
		text = strings.TrimPrefix(text, operation+": ")
	}
	fmt.Fprintf(s.err, "assignment %s: %s\n", c.name, text)
	if errors.Is(err, assignment.ErrUnguarded) && !missing(err) || errors.Is(err, context.Canceled) {
		return exitFindings
	}
	return exitTrouble
}

// missing reports whether the table does not exist, which is more likely a wrong flag
// than a finding.
func missing(err error) bool {
	unguarded, ok := errors.AsType[*assignment.GuardError](err)
	return ok && unguarded.Has(schema.GuardNoTable)
}
