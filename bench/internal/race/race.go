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
	// History is how many completed rows the history begins with; 0 leaves
	// those workloads out.
	History int
	Seed    uint64
	// Budget bounds the run: another round begins only if it will probably
	// end within it. 0 means no bound.
	Budget time.Duration
	// Only matches what takes part by "workload/strategy"; nil means all.
	Only *regexp.Regexp
}

// Progress is told about what goes on; it is for people.
type Progress interface {
	// Loading reports rows of history that have been copied.
	Loading(rows, total int)
	// Measuring reports the measurement that begins, counted from 1.
	Measuring(n, total int, what string)
}

// entry is one heat, of either kind.
type entry interface {
	run(ctx context.Context, round int, d time.Duration) (result.Sample, error)
	name() string
	keep(s result.Sample)
	row() result.Row
}

// group is the heats of one workload.
type group struct {
	result  result.Workload
	entries []entry
}

// ErrNothing means that Plan.Only matches nothing.
var ErrNothing = errors.New("-only matches no workload/strategy")

// Run measures everything that the plan asks for on the stage, whose tables
// it creates. An error means that there is no result; what a strategy did wrong
// is part of the result.
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

func (p Plan) takesPart(workload, contender string) bool {
	return p.Only == nil || p.Only.MatchString(workload+"/"+contender)
}

func (p Plan) needsHistory() bool {
	for _, s := range strategy.All() {
		if p.History > 0 && compared(s) && p.takesPart(NameHistory, s.Name) {
			return true
		}
	}
	return false
}

// groups opens everything that takes part.
func (p Plan) groups(ctx context.Context, s *stage.Stage) ([]*group, error) {
	var groups []*group
	for _, w := range workloads(p.History) {
		g := &group{result: result.Workload{Name: w.name, Title: w.title, Unit: "calls"}}
		for _, contender := range strategy.All() {
			if !w.enters(contender) || !p.takesPart(w.name, contender.Name) {
				continue
			}
			h, err := newHeat(ctx, s, w, contender)
			if err != nil {
				return nil, err
			}
			g.entries = append(g.entries, h)
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
		if !p.takesPart(NameBulk, b.Name) {
			continue
		}
		h, err := newBulkHeat(ctx, s, b)
		if err != nil {
			return nil, err
		}
		g.entries = append(g.entries, h)
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
	for _, table := range []string{stage.Fresh, stage.History} {
		size, err := s.Sizes(ctx, table)
		if err != nil {
			return nil, err
		}
		all = append(all, size)
	}
	return all, nil
}

// Outcome is what was measured.
type Outcome struct {
	// Sizes is the tables with and without history at the end; nil when they
	// were left out.
	Sizes []result.Sizes
	// Rounds is how many there was time for.
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

// heats returns what competes with each other. The two workloads about history
// do, too: they are compared.
func (o *Outcome) heats() [][]slot {
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

// runRounds measures each entry once per round. Those that are compared run
// close to each other, in another order in every round.
func (o *Outcome) runRounds(ctx context.Context, progress Progress) error {
	random := rand.New(rand.NewPCG(o.plan.Seed, 0))
	total, n := 0, 0
	for _, g := range o.groups {
		total += o.plan.Rounds * len(g.entries)
	}
	for round := range o.plan.Rounds {
		if o.late() {
			break
		}
		for _, slots := range o.heats() {
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

// late expects the next round to take as long as those before did on average,
// the preparations included. The first one is always run.
func (o *Outcome) late() bool {
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
	g.entries[i].keep(sample)
	return nil
}

// tryAgain gives a vulnerable strategy that happened to leave no duplicate one
// more round. Its speed counts like that of any other.
func (o *Outcome) tryAgain(ctx context.Context, progress Progress) error {
	for _, g := range o.groups {
		for i, e := range g.entries {
			row := e.row()
			if g.result.Name != NameTen || row.Class != result.Vulnerable || row.Total.Duplicates > 0 {
				continue
			}
			progress.Measuring(1, 1, "once more, since it left no duplicate: "+e.name())
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
