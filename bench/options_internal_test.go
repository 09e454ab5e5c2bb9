package main

import (
	"errors"
	"flag"
	"io"
	"strings"
	"testing"
	"time"
)

const someURL = "postgres://lab:secret@localhost/db"

func parse(t *testing.T, args ...string) (options, error) {
	t.Helper()
	return parseOptions(args, func(string) string { return "" }, io.Discard)
}

func TestParseOptions(t *testing.T) {
	t.Run("the full extent is the default", func(t *testing.T) {
		opts, err := parse(t, "-database-url", someURL)
		if err != nil {
			t.Fatal(err)
		}
		if opts.rounds != 15 || opts.duration != time.Second || opts.history != 5_000_000 || opts.callers != 32 {
			t.Errorf("got %+v", opts)
		}
	})
	t.Run("quick lowers the options that no flag sets", func(t *testing.T) {
		opts, err := parse(t, "-rounds", "4", "-quick", "-database-url", someURL)
		if err != nil {
			t.Fatal(err)
		}
		if opts.rounds != 4 || opts.duration != quickExtent().duration || opts.history != quickExtent().history {
			t.Errorf("got %+v", opts)
		}
	})
	t.Run("the command line is reported without the connection string", func(t *testing.T) {
		opts, err := parse(t, "-database-url", someURL, "-quick", "-only", "ten/", "-html", "x.html")
		if err != nil {
			t.Fatal(err)
		}
		if opts.commandLine != "bench -only 'ten/' -quick" {
			t.Errorf("got %q", opts.commandLine)
		}
	})
	t.Run("the environment names the server", func(t *testing.T) {
		getenv := func(name string) string { return map[string]string{envTestDatabaseURL: someURL}[name] }
		opts, err := parseOptions(nil, getenv, io.Discard)
		if err != nil || opts.databaseURL != someURL {
			t.Errorf("got %q, %v", opts.databaseURL, err)
		}
	})
	t.Run("help is not a usage error", func(t *testing.T) {
		if _, err := parse(t, "-h"); !errors.Is(err, flag.ErrHelp) {
			t.Errorf("got %v", err)
		}
	})
}

func TestParseOptionsRejects(t *testing.T) {
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"no server":           {nil, "-database-url"},
		"a stray argument":    {[]string{"-database-url", someURL, "new"}, `"new"`},
		"no round":            {[]string{"-database-url", someURL, "-rounds", "0"}, "-rounds"},
		"no time":             {[]string{"-database-url", someURL, "-duration", "0s"}, "-duration"},
		"a single caller":     {[]string{"-database-url", someURL, "-callers", "1"}, "-callers"},
		"a negative history":  {[]string{"-database-url", someURL, "-history", "-1"}, "-history"},
		"a broken expression": {[]string{"-database-url", someURL, "-only", "("}, "-only"},
		"an unknown flag":     {[]string{"-fast"}, "-fast"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := parse(t, c.args...)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want it to name %s", err, c.want)
			}
			if err != nil && strings.Contains(err.Error(), "secret") {
				t.Errorf("%v shows the password", err)
			}
		})
	}
}
