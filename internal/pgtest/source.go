package main

import (
	"context"
	"errors"
	"fmt"
)

// source is a way to get a PostgreSQL; empty means the first that is available.
type source string

// The ways to get a PostgreSQL, in the order in which they are tried.
const (
	sourceEnv    source = "env"
	sourceDocker source = "docker"
	sourceLocal  source = "local"
)

// errAbsent is returned by a source that is not available on this machine. Any
// other error ends the search: the next source must not hide the failure of one
// that is available.
var errAbsent = errors.New("absent")

// maxConnections allows for hundreds of concurrent callers.
const maxConnections = "max_connections=300"

// server is a PostgreSQL that accepts connections.
type server struct {
	dsn     string
	origin  string // where it came from, for the user
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

// obtain tries the sources one after the other.
func obtain(ctx context.Context, opts options) (*server, error) {
	sources := []struct {
		name source
		get  func(context.Context, options) (*server, error)
	}{
		{sourceEnv, fromEnvironment},
		{sourceDocker, fromDocker},
		{sourceLocal, fromBinaries},
	}
	if opts.bin != "" { // a user that names programs wants no container
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
		return fmt.Errorf("no PostgreSQL from source %q on this machine: install it or choose another with -from", s)
	}
	return fmt.Errorf("no PostgreSQL: set %s, start a Docker engine, or install the PostgreSQL server "+
		"(Debian: apt-get install postgresql; Homebrew: brew install postgresql)", envDatabaseURL)
}

// fromEnvironment uses the server that the user named, and no other: the results
// of another server would not be what the user asked for.
func fromEnvironment(ctx context.Context, opts options) (*server, error) {
	if opts.databaseURL == "" {
		return nil, errAbsent
	}
	if len(opts.settings) > 0 {
		return nil, fmt.Errorf("settings (%s) apply only to a server that pgtest starts, but %s names a running one: "+
			"unset one of the two", opts.settings.String(), envDatabaseURL)
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
