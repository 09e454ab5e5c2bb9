package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// The environment that pgtest reads; envDatabaseURL is also what it sets for
// the command.
const (
	envDatabaseURL     = "ASSIGNMENT_TEST_DATABASE_URL"
	envPostgresVersion = "ASSIGNMENT_TEST_POSTGRES_VERSION"
	envPostgresSet     = "ASSIGNMENT_TEST_POSTGRES_SET"
	envPostgresBin     = "ASSIGNMENT_TEST_POSTGRES_BIN"
)

// defaultImageTag is pinned, so that a new release changes no result unasked.
const defaultImageTag = "17.6-alpine"

// defaultWait leaves time for a service container that is still starting, on a
// machine that is busy with other things.
const defaultWait = 2 * time.Minute

// options is what the command line and the environment ask for.
type options struct {
	dir         string
	source      source
	settings    settings
	wait        time.Duration
	command     []string
	databaseURL string
	imageTag    string
	bin         string // directory of the server's programs; empty: look for them
}

func parseOptions(args []string, getenv func(string) string, stderr io.Writer) (options, error) {
	opts := options{databaseURL: getenv(envDatabaseURL), imageTag: defaultImageTag, bin: getenv(envPostgresBin)}
	if tag := getenv(envPostgresVersion); tag != "" {
		opts.imageTag = tag
	}

	flags := flag.NewFlagSet("pgtest", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&opts.dir, "C", "", "run the command in `dir`")
	flags.Var(&opts.source, "from", "take the server from `source` only: env, docker or local")
	flags.Var(&opts.settings, "set", "server parameter, as `name=value` (repeatable)")
	flags.DurationVar(&opts.wait, "wait", defaultWait, "how long a server may take to answer")

	err := errors.Join(opts.settings.add(getenv(envPostgresSet)), flags.Parse(args))
	if err == nil && flags.NArg() == 0 {
		err = errors.New("no command to run")
		fmt.Fprintf(stderr, "pgtest: %v\n", err)
		flags.Usage()
	}
	opts.command = flags.Args()
	return opts, err
}

// settings are server parameters in the form name=value, in order.
type settings []string

// String implements [flag.Value].
func (s *settings) String() string { return strings.Join(*s, " ") }

// Set implements [flag.Value].
func (s *settings) Set(value string) error {
	name, _, ok := strings.Cut(value, "=")
	if !ok || name == "" {
		return fmt.Errorf("%q is not of the form name=value", value)
	}
	*s = append(*s, value)
	return nil
}

// add appends settings that are separated by blanks.
func (s *settings) add(list string) error {
	for setting := range strings.FieldsSeq(list) {
		if err := s.Set(setting); err != nil {
			return fmt.Errorf("%s: %w", envPostgresSet, err)
		}
	}
	return nil
}

// arguments renders the parameters for the command line of postgres. Later
// ones win there, so those of the user come last.
func (s *settings) arguments(base ...string) []string {
	all := slices.Concat(base, *s)
	args := make([]string, 0, 2*len(all))
	for _, setting := range all {
		args = append(args, "-c", setting)
	}
	return args
}
