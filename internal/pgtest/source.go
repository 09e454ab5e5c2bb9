package main

import (
	"context"
	"errors"
	"fmt"
)

// source is a way to get a PostgreSQL; empty stands for the first that works.
type source string

// The ways to get a PostgreSQL, in the order in which they are tried.
const (
	sourceEnv    source = "env"
	sourceDocker source = "docker"
	sourceLocal  source = "local"
)

// errAbsent is what a source answers that has nothing to offer on this
// machine. Any other error ends the search: a source that is there and fails
// must be seen, not papered over by the next one.
var errAbsent = errors.New("absent")

// maxConnections has room for hundreds of racing callers.
const maxConnections = "max_connections=300"

// server is a PostgreSQL that answers.
type server struct {
	dsn     string
	origin  string // for people: where it came from
	address string // host and port
	version string
	stop    func(context.Context) error
}

// String implements [flag.Value].
func (s *source) String() string { return string(*s) }

// Set implements [flag.Value].
func (s *source) Set(value string) error {
	switch v := source(value); v {
	case sourceEnv, sourceDocker, sourceLocal:
		*s = v
		return nil
	default:
		return fmt.Errorf("%q is none of env, docker and local", value)
	}
}

// obtain asks the sources one after another.
func obtain(ctx context.Context, opts options) (*server, error) {
	sources := []struct {
		name source
		get  func(context.Context, options) (*server, error)
	}{
		{sourceEnv, fromEnvironment},
		{sourceDocker, fromDocker},
		{sourceLocal, fromBinaries},
	}
	if opts.bin != "" { // whoever names programs wants no container
		sources[1], sources[2] = sources[2], sources[1]
	}

	for _, s := range sources {
		if opts.source != "" && opts.source != s.name {
			continue
		}
		srv, err := s.get(ctx, opts)
		if !errors.Is(err, errAbsent) {
			return srv, err
		}
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return nil, missing(opts.source)
}

func missing(s source) error {
	if s != "" {
		return fmt.Errorf("no PostgreSQL from source %q on this machine", s)
	}
	return fmt.Errorf("no PostgreSQL: set %s, start a Docker engine, or install the PostgreSQL server "+
		"(Debian: apt-get install postgresql; Homebrew: brew install postgresql)", envDatabaseURL)
}

// fromEnvironment uses the server that the user named, and no other: to run
// against a substitute would report on something that was not asked for.
func fromEnvironment(ctx context.Context, opts options) (*server, error) {
	if opts.databaseURL == "" {
		return nil, errAbsent
	}
	if len(opts.settings) > 0 {
		return nil, fmt.Errorf("settings (%s) need a server of pgtest's own, but %s names another",
			opts.settings.String(), envDatabaseURL)
	}

	found, err := await(ctx, opts.databaseURL, opts.wait, nil)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", envDatabaseURL, err)
	}
	return &server{
		dsn:     opts.databaseURL,
		origin:  envDatabaseURL,
		address: found.address,
		version: found.version,
		stop:    func(context.Context) error { return nil },
	}, nil
}
