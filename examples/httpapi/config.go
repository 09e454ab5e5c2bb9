package main

import (
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"io"
)

// The environment that the program reads. Secrets come this way only: a command
// line is visible to every user of the machine.
const (
	envExternalKey = "EXTERNAL_API_KEY"
	envInternalKey = "INTERNAL_API_KEY"
	envDatabaseURL = "DATABASE_URL"
)

// config is what the program was started with.
type config struct {
	addr        string
	databaseURL string
	keys        keys
	generated   []string
}

// keys open the two sides of the API. An empty key opens nothing.
type keys struct {
	external, internal string
}

// configure reads the command line and the environment.
func configure(args []string, getenv func(string) string, usage io.Writer) (config, error) {
	cfg := config{
		databaseURL: getenv(envDatabaseURL),
		keys:        keys{external: getenv(envExternalKey), internal: getenv(envInternalKey)},
	}
	flags := flag.NewFlagSet("httpapi", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&cfg.addr, "addr", "127.0.0.1:3003", "listen on this `address`")
	dev := flags.Bool("dev", false, "make up the keys that are not set, and print them")
	err := flags.Parse(args)
	if errors.Is(err, flag.ErrHelp) {
		flags.SetOutput(usage)
		fmt.Fprintf(usage, "Environment: %s, %s, %s (default: in memory). Flags:\n",
			envExternalKey, envInternalKey, envDatabaseURL)
		flags.PrintDefaults()
	}
	if err != nil {
		return config{}, err
	}
	if flags.NArg() > 0 {
		return config{}, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	if *dev {
		cfg.generateKeys()
	}
	return cfg, cfg.keys.check()
}

// check refuses keys that open nothing, or too much.
func (k keys) check() error {
	if k.external == "" && k.internal == "" {
		return fmt.Errorf("set %s, %s or both, or try -dev", envExternalKey, envInternalKey)
	}
	if k.external == k.internal {
		return fmt.Errorf("%s and %s are the same: whoever may use one side could use both", envExternalKey, envInternalKey)
	}
	return nil
}

func (c *config) generateKeys() {
	if c.keys.external == "" {
		c.keys.external = rand.Text()
		c.generated = append(c.generated, envExternalKey+"="+c.keys.external)
	}
	if c.keys.internal == "" {
		c.keys.internal = rand.Text()
		c.generated = append(c.generated, envInternalKey+"="+c.keys.internal)
	}
}

// printGenerated writes the keys that nobody else knows in the form of a shell.
func (c *config) printGenerated(w io.Writer) {
	for _, line := range c.generated {
		fmt.Fprintln(w, line)
	}
}

// closedSides names the keys that are not set.
func (c *config) closedSides() []string {
	var closed []string
	if c.keys.external == "" {
		closed = append(closed, envExternalKey)
	}
	if c.keys.internal == "" {
		closed = append(closed, envInternalKey)
	}
	return closed
}
