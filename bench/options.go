package main

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"
)

// envTestDatabaseURL is the environment variable that names a server.
const envTestDatabaseURL = "ASSIGNMENT_TEST_DATABASE_URL"

// options is the parsed command line.
type options struct {
	databaseURL          string
	quick                bool
	rounds               int
	duration             time.Duration
	callers              int
	history              int
	only                 *regexp.Regexp
	seed                 uint64
	json, html, markdown string
	// commandLine is the command without the connection string.
	commandLine string
}

// extent is how much is measured by default.
type extent struct {
	rounds   int
	duration time.Duration
	history  int
}

// quickBudget bounds the measurements of a quick run, which ends within a minute.
const quickBudget = 50 * time.Second

func fullExtent() extent {
	return extent{rounds: 15, duration: time.Second, history: 5_000_000}
}

// quickExtent is an upper bound: a slow machine runs fewer rounds.
func quickExtent() extent {
	return extent{rounds: 3, duration: 120 * time.Millisecond, history: 20_000}
}

func parseOptions(args []string, getenv func(string) string, stderr io.Writer) (options, error) {
	var opts options
	var url string
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(stderr)
	full, quick := fullExtent(), quickExtent()
	flags.StringVar(&url, "database-url", "", "PostgreSQL to use, as a `URL` (default: from "+
		envTestDatabaseURL+")")
	flags.BoolVar(&opts.quick, "quick", false, "end within a minute, with rough figures")
	flags.IntVar(&opts.rounds, "rounds", full.rounds,
		fmt.Sprintf("how often each strategy is measured; at most %d with -quick", quick.rounds))
	flags.DurationVar(&opts.duration, "duration", full.duration,
		fmt.Sprintf("how `long` one measurement lasts; %s with -quick", quick.duration))
	flags.IntVar(&opts.callers, "callers", 32, "concurrent callers, and connections in each pool")
	flags.IntVar(&opts.history, "history", full.history,
		fmt.Sprintf("completed `rows` to load, 0 to skip the workloads that need them; %d with -quick", quick.history))
	flags.Func("only", "measure only each workload/strategy that matches this `regexp`, such as ten/ or /sdk-pgx",
		func(text string) (err error) {
			opts.only, err = regexp.Compile(text)
			return err
		})
	flags.Uint64Var(&opts.seed, "seed", 1, "seeds the order of the strategies within the rounds")
	flags.StringVar(&opts.json, "json", "", "write the results and all samples to this `file`")
	flags.StringVar(&opts.html, "html", "", "write a page with plots to this `file`")
	flags.StringVar(&opts.markdown, "markdown", "", "write the tables to this `file`")
	if err := flags.Parse(args); err != nil {
		return opts, err
	}
	if opts.quick {
		opts.lower(flags, quick)
	}
	opts.databaseURL = cmp.Or(url, getenv(envTestDatabaseURL))
	opts.commandLine = opts.format(flags)
	err := opts.check(flags)
	return opts, err
}

// lower applies the extent of a quick run to the options that no flag has set.
func (o *options) lower(flags *flag.FlagSet, quick extent) {
	set := make(map[string]bool)
	flags.Visit(func(f *flag.Flag) { set[f.Name] = true })
	if !set["rounds"] {
		o.rounds = quick.rounds
	}
	if !set["duration"] {
		o.duration = quick.duration
	}
	if !set["history"] {
		o.history = quick.history
	}
}

func (o *options) check(flags *flag.FlagSet) error {
	switch {
	case flags.NArg() > 0:
		return fmt.Errorf("unexpected argument %q", flags.Arg(0))
	case o.rounds < 1:
		return errors.New("-rounds must be at least 1")
	case o.duration <= 0:
		return errors.New("-duration must be positive")
	case o.callers < 2:
		return errors.New("-callers must be at least 2: a single caller can't race")
	case o.history < 0:
		return errors.New("-history must not be negative")
	case o.databaseURL == "":
		return fmt.Errorf("no PostgreSQL: use `make bench`, -database-url or %s", envTestDatabaseURL)
	default:
		return nil
	}
}

// format returns the command line without the flag that may hold a password and
// those that only name files.
func (o *options) format(flags *flag.FlagSet) string {
	words := []string{"bench"}
	flags.Visit(func(f *flag.Flag) {
		switch f.Name {
		case "database-url", "json", "html", "markdown":
		case "only": // a flag.Func has no value to print
			words = append(words, "-only", "'"+o.only.String()+"'")
		case "quick":
			words = append(words, "-quick")
		default:
			words = append(words, "-"+f.Name, f.Value.String())
		}
	})
	return strings.Join(words, " ")
}
