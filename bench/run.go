package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/assignment-go/assignment/bench/internal/race"
	"github.com/assignment-go/assignment/bench/internal/report"
	"github.com/assignment-go/assignment/bench/internal/result"
	"github.com/assignment-go/assignment/bench/internal/stage"
	"github.com/assignment-go/assignment/bench/internal/verdict"
)

// errIncorrect means that a claim about correctness did not hold.
var errIncorrect = errors.New("a claim about correctness does not hold")

// run measures, evaluates and reports.
func run(ctx context.Context, opts options, w io.Writer, p *progress) error {
	outputs, err := openOutputs(opts)
	if err != nil {
		return err
	}
	defer outputs.close()
	r, err := measure(ctx, opts, p)
	p.done()
	if err != nil {
		return err
	}
	verdict.Evaluate(r)
	if err := errors.Join(report.Text(w, r), outputs.write(r)); err != nil {
		return err
	}
	if !verdict.Correct(r) {
		return errIncorrect
	}
	return nil
}

// measure runs all measurements. It always drops the schema that it creates.
func measure(ctx context.Context, opts options, p *progress) (r *result.Report, err error) {
	begin := time.Now()
	s, err := stage.Open(ctx, opts.databaseURL, opts.callers)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.Close()) }() //nolint:contextcheck // also when the context has ended

	server, err := s.Settings(ctx)
	if err != nil {
		return nil, err
	}
	environment := environmentOf(server)
	outcome, err := race.Run(ctx, s, racePlan(opts), p)
	if err != nil {
		return nil, err
	}
	plan := planOf(opts)
	plan.Rounds = outcome.Rounds
	return &result.Report{
		Started:     begin.UTC().Truncate(time.Second),
		Took:        time.Since(begin).Round(time.Second),
		Command:     opts.commandLine,
		Plan:        plan,
		Environment: environment,
		Workloads:   outcome.Workloads(),
		Sizes:       outcome.Sizes,
	}, nil
}

func racePlan(opts options) race.Plan {
	p := race.Plan{
		Rounds: opts.rounds, Duration: opts.duration, History: opts.history, Seed: opts.seed, Only: opts.only,
	}
	if opts.quick {
		p.Budget = quickBudget
	}
	return p
}

func planOf(opts options) result.Plan {
	p := result.Plan{
		Rounds: opts.rounds, Duration: opts.duration, Callers: opts.callers,
		History: opts.history, Seed: opts.seed, Quick: opts.quick,
	}
	if opts.only != nil {
		p.Only = opts.only.String()
	}
	return p
}

// outputs are the files to write, opened before anything runs: a path that can't
// be written should not be noticed at the end of a long run.
type outputs []output

type output struct {
	file  *os.File
	write func(io.Writer, *result.Report) error
}

func openOutputs(opts options) (outputs, error) {
	var all outputs
	for _, o := range []struct {
		path  string
		write func(io.Writer, *result.Report) error
	}{{opts.json, report.JSON}, {opts.markdown, report.Markdown}, {opts.html, report.HTML}} {
		if o.path == "" {
			continue
		}
		file, err := os.Create(o.path)
		if err != nil {
			all.close()
			return nil, err
		}
		all = append(all, output{file, o.write})
	}
	return all, nil
}

func (o outputs) write(r *result.Report) error {
	for _, out := range o {
		if err := out.write(out.file, r); err != nil {
			return fmt.Errorf("write %s: %w", out.file.Name(), err)
		}
		if err := out.file.Close(); err != nil {
			return err
		}
	}
	return nil
}

// close closes the files after an error; after write it does nothing.
func (o outputs) close() {
	for _, out := range o {
		out.file.Close() //nolint:gosec // the run has failed, or the file is closed
	}
}
