package race

import (
	"context"
	"errors"
	"math/rand/v2"
	"regexp"
	"time"

	"github.com/assignment-go/assignment/bench/internal/result"
	"github.com/assignment-go/assignment/bench/internal/stage"
	"github.com/assignment-go/assignment/bench/internal/strategy"
)

// Plan says what to run.
type Plan struct {
	Rounds   int
	Duration time.Duration
	// History is how many completed rows the history has at the beginning; 0 skips
	// the workloads that need them.
	History int
	Seed    uint64
	// Budget bounds the run: another round begins only if it will probably
	// end within it. 0 means no bound.
	Budget time.Duration
	// Only selects what to measure by "workload/strategy"; nil means all.
	Only *regexp.Regexp
}

// Progress is called to show the progress of a run.
type Progress interface {
	// Loading reports how many rows of history have been copied.
	Loading(rows, total int)
	// Measuring reports the measurement that begins, counted from 1.
	Measuring(n, total int, what string)
}

// entry is one strategy under one workload, with its samples.
type entry interface {
	run(ctx context.Context, round int, d time.Duration) (result.Sample, error)
	name() string
	add(s result.Sample)
	row() result.Row
}

// group is the entries of one workload.
type group struct {
	result  result.Workload
	entries []entry
}

// ErrNothing means that Plan.Only matches nothing.
var ErrNothing = errors.New("-only matches no workload/strategy")

// Run creates the tables of the stage and measures what the plan selects. An error
// means that there is no result; errors of a strategy are part of the result.
func Run(ctx context.Context, s *stage.Stage, p Plan, progress Progress) (*Outcome, error) {
	begin := time.Now()
	if err := s.CreateTables(ctx); err != nil {
		return nil, err
	}
	if p.needsHistory() {
		if err := s.LoadHistory(ctx, p.History, func(rows int) { progress.Loading(rows, p.History) }); err != nil {
			return nil, err
		}
	}
	groups, err := p.groups(ctx, s)
	if err != nil {
		return nil, err
	}
	o := &Outcome{plan: p, groups: groups, begin: begin}
	if err := o.runRounds(ctx, progress); err != nil {
		return nil, err
	}
	if p.needsHistory() {
		o.Sizes, err = sizes(ctx, s)
	}
	return o, err
}

func (p Plan) selects(workload, contender string) bool {
	return p.Only == nil || p.Only.MatchString(workload+"/"+contender)
}

func (p Plan) needsHistory() bool {
	for _, s := range strategy.All() {
		if p.History > 0 && compared(s) && p.selects(NameHistory, s.Name) {
			return true
		}
	}
	return false
}

// groups opens the strategies that the plan selects.
func (p Plan) groups(ctx context.Context, s *stage.Stage) ([]*group, error) {
	var groups []*group
	for _, w := range workloads(p.History) {
		g := &group{result: result.Workload{Name: w.name, Title: w.title, Unit: "calls"}}
		for _, contender := range strategy.All() {
			if !w.includes(contender) || !p.selects(w.name, contender.Name) {
				continue
			}
			e, err := newCallEntry(ctx, s, w, contender)
			if err != nil {
				return nil, err
			}
			g.entries = append(g.entries, e)
		}
		groups = append(groups, g)
	}
	bulk, err := p.bulkGroup(ctx, s)
	if err != nil {
		return nil, err
	}
	return nonEmpty(append(groups, bulk))
}

func (p Plan) bulkGroup(ctx context.Context, s *stage.Stage) (*group, error) {
	g := &group{result: result.Workload{Name: NameBulk, Title: bulkTitle, Unit: "rows"}}
	for _, b := range strategy.AllBulk() {
		if !p.selects(NameBulk, b.Name) {
			continue
		}
		e, err := newBulkEntry(ctx, s, b)
		if err != nil {
			return nil, err
		}
		g.entries = append(g.entries, e)
	}
	return g, nil
}

func nonEmpty(groups []*group) ([]*group, error) {
	var full []*group
	for _, g := range groups {
		if len(g.entries) > 0 {
			full = append(full, g)
		}
	}
	if len(full) == 0 {
		return nil, ErrNothing
	}
	return full, nil
}

func sizes(ctx context.Context, s *stage.Stage) ([]result.Sizes, error) {
	var all []result.Sizes
	for _, table := range []string{stage.NoHistory, stage.History} {
		size, err := s.Sizes(ctx, table)
		if err != nil {
			return nil, err
		}
		all = append(all, size)
	}
	return all, nil
}

// Outcome is the result of a run.
type Outcome struct {
	// Sizes are the sizes of the tables with and without history at the end; nil
	// when the plan does not select those workloads.
	Sizes []result.Sizes
	// Rounds is how many rounds were run.
	Rounds int

	plan   Plan
	begin  time.Time
	groups []*group
}

// slot is one entry of one group.
type slot struct {
	group *group
	index int
}

// compared returns the entries that are compared with each other: those of each
// workload, and those of the two workloads about history together.
func (o *Outcome) compared() [][]slot {
	var all [][]slot
	for _, g := range o.groups {
		if g.result.Name != NameHistory || len(all) == 0 {
			all = append(all, nil)
		}
		for i := range g.entries {
			all[len(all)-1] = append(all[len(all)-1], slot{g, i})
		}
	}
	return all
}

// runRounds measures each entry once per round. Entries that are compared run one
// after the other, in a different order in every round.
func (o *Outcome) runRounds(ctx context.Context, progress Progress) error {
	random := rand.New(rand.NewPCG(o.plan.Seed, 0))
	total, n := 0, 0
	for _, g := range o.groups {
		total += o.plan.Rounds * len(g.entries)
	}
	for round := range o.plan.Rounds {
		if o.overBudget() {
			break
		}
		for _, slots := range o.compared() {
			for _, i := range random.Perm(len(slots)) {
				n++
				g, index := slots[i].group, slots[i].index
				progress.Measuring(n, total, g.result.Title+": "+g.entries[index].name())
				if err := g.measure(ctx, index, round, o.plan.Duration); err != nil {
					return err
				}
			}
		}
		o.Rounds++
	}
	return o.tryAgain(ctx, progress)
}

// overBudget reports whether the next round would exceed the budget, if it takes as
// long as the average of those before, preparations included. The first round always
// runs.
func (o *Outcome) overBudget() bool {
	if o.plan.Budget == 0 || o.Rounds == 0 {
		return false
	}
	spent := time.Since(o.begin)
	return spent+spent/time.Duration(o.Rounds) > o.plan.Budget
}

func (g *group) measure(ctx context.Context, i, round int, d time.Duration) error {
	sample, err := g.entries[i].run(ctx, round, d)
	if err != nil {
		return err
	}
	g.entries[i].add(sample)
	return nil
}

// tryAgain runs one more round of a vulnerable strategy that has left no duplicate
// yet. The round counts like any other.
func (o *Outcome) tryAgain(ctx context.Context, progress Progress) error {
	for _, g := range o.groups {
		for i, e := range g.entries {
			row := e.row()
			if g.result.Name != NameTen || row.Class != result.Vulnerable || row.Total.Duplicates > 0 {
				continue
			}
			progress.Measuring(1, 1, "one more round, since it left no duplicate: "+e.name())
			if err := g.measure(ctx, i, o.plan.Rounds, o.plan.Duration); err != nil {
				return err
			}
		}
	}
	return nil
}

// Workloads returns the results in the order of the reports.
func (o *Outcome) Workloads() []result.Workload {
	all := make([]result.Workload, len(o.groups))
	for i, g := range o.groups {
		all[i] = g.result
		all[i].Rows = make([]result.Row, len(g.entries))
		for j, e := range g.entries {
			all[i].Rows[j] = e.row()
		}
	}
	return all
}
