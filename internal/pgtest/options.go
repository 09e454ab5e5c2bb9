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

// The environment variables that pgtest reads. It also sets envDatabaseURL for the
// command.
const (
	envDatabaseURL     = "ASSIGNMENT_TEST_DATABASE_URL"
	envPostgresVersion = "ASSIGNMENT_TEST_POSTGRES_VERSION"
	envPostgresSet     = "ASSIGNMENT_TEST_POSTGRES_SET"
	envPostgresBin     = "ASSIGNMENT_TEST_POSTGRES_BIN"
)

// defaultImageTag is pinned, so that a new release of PostgreSQL changes no result.
const defaultImageTag = "17.6-alpine"

// defaultWait is long enough for a service container that is starting on a busy
// machine.
const defaultWait = 2 * time.Minute

// options are the settings from the command line and the environment.
type options struct {
	dir         string
	source      source
	settings    settings
	wait        time.Duration
	command     []string
	databaseURL string
	imageTag    string
	bin         string // directory of the server programs; empty: search for them
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
	flags.DurationVar(&opts.wait, "wait", defaultWait, "how long a server may take to accept connections")

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

// add appends settings that are separated by white space.
func (s *settings) add(list string) error {
	for setting := range strings.FieldsSeq(list) {
		if err := s.Set(setting); err != nil {
			return fmt.Errorf("%s: %w", envPostgresSet, err)
		}
	}
	return nil
}

// arguments returns the parameters for the command line of postgres. The last
// value of a parameter applies, so those of the user come last.
func (s *settings) arguments(base ...string) []string {
	all := slices.Concat(base, *s)
	args := make([]string, 0, 2*len(all))
	for _, setting := range all {
		args = append(args, "-c", setting)
	}
	return args
}
