package main

import (
	"errors"
	"flag"
	"fmt"
)

var errHelp = errors.New("help was requested")

// command is a parsed command line.
type command struct {
	streams
	config
	name     string
	json     bool
	apply    bool
	dryRun   bool
	noRepair bool
	all      bool
	layout   string
	dir      string

	path  string // of -config
	given string // the flags that other commands take, too, as they were given
}

// parse reads the flags, then the file that they name, then the flags again: a flag
// overrides the file.
func parse(name string, args []string, s streams) (*command, error) {
	first := &command{name: name, streams: s}
	flags := first.flags()
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			flags.SetOutput(s.out)
			fmt.Fprintf(s.out, "flags of assignment %s:\n", name)
			flags.PrintDefaults()
			return first, errHelp
		}
		return first, err
	}
	if flags.NArg() > 0 {
		return first, fmt.Errorf("unexpected argument %q; flags begin with -", flags.Arg(0))
	}
	c := &command{name: name, streams: s}
	if first.path != "" {
		loaded, err := load(first.path)
		if err != nil {
			return first, err
		}
		c.config = loaded
	}
	if err := c.flags().Parse(args); err != nil {
		return c, err
	}
	c.given = repeat(args, flags)
	if c.apply && c.dryRun {
		return c, errors.New("-apply and -dry-run contradict each other")
	}
	return c, nil
}
