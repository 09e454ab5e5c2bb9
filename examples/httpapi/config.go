package main

import (
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"io"
)

// The environment variables that the program reads. There are no flags for secrets,
// because every user of the machine can see a command line.
const (
	envExternalKey = "EXTERNAL_API_KEY"
	envInternalKey = "INTERNAL_API_KEY"
	envDatabaseURL = "DATABASE_URL"
)

// config is the configuration of the program.
type config struct {
	addr        string
	databaseURL string
	keys        keys
	generated   []string
}

// keys are the keys to the two sides of the API. An empty key gives no access.
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
	dev := flags.Bool("dev", false, "generate the keys that are not set, and print them")
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

// check returns an error if no key is set, or if one key opens both sides.
func (k keys) check() error {
	if k.external == "" && k.internal == "" {
		return fmt.Errorf("no key is set: set %s, %s or both, or use -dev", envExternalKey, envInternalKey)
	}
	if k.external == k.internal {
		return fmt.Errorf("%s and %s are equal: set different keys, or partners could use the internal API", envExternalKey, envInternalKey)
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

// printGenerated prints the generated keys as assignments of a shell.
func (c *config) printGenerated(w io.Writer) {
	for _, line := range c.generated {
		fmt.Fprintln(w, line)
	}
}

// unsetKeys names the variables of the keys that are not set.
func (c *config) unsetKeys() []string {
	var unset []string
	if c.keys.external == "" {
		unset = append(unset, envExternalKey)
	}
	if c.keys.internal == "" {
		unset = append(unset, envInternalKey)
	}
	return unset
}
