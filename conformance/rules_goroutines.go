package conformance

import (
	"bytes"
	"context"
	"fmt"
	"runtime/pprof"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/assignment-go/assignment"
)

func goroutineRules() []Rule {
	return []Rule{
		{
			Name: "context/no_goroutine_leaks",
			Statement: "When all calls have returned, also those with ended contexts, the goroutines that they started " +
				"end, too. A pool may keep a fixed number.",
			Contract: onContext,
			check:    noGoroutineIsLeftBehind,
		},
	}
}

// leakRounds is how many rounds of calls are made before a growing number of goroutines
// counts as a leak. The number that a pool starts once does not grow.
const leakRounds = 5

func noGoroutineIsLeftBehind(p *probe) {
	tag := newTag()
	open := p.newRow()
	counts := make([]int, 0, leakRounds)
	for range leakRounds {
		p.ok("the next round", p.ctx.Err())
		pprof.Do(p.ctx, pprof.Labels(tagKey, tag), func(ctx context.Context) { p.callsWithDeadlines(ctx, open) })
		most := 0
		if len(counts) > 0 {
			most = counts[len(counts)-1]
		}
		counts = append(counts, p.awaitGoroutines(tag, most))
	}
	for i := 1; i < len(counts); i++ {
		if counts[i] <= counts[i-1] {
			return
		}
	}
	// Goroutines that are only slow end eventually.
	if p.eventually(func() bool { n, _ := tagged(tag); return n <= counts[0] }) {
		return
	}
	_, stack := tagged(tag)
	p.failf("goroutines that calls started are still running after the calls have returned, more after each round: %v; one of them:\n%s", counts, stack)
}

// callsWithDeadlines makes every call on both handles, with timeouts from zero to more than
// enough.
func (p *probe) callsWithDeadlines(ctx context.Context, open assignment.Assignment) {
	p.together(20, func(i int) {
		for _, c := range p.storeCalls(open) {
			ctx, cancel := context.WithTimeout(ctx, time.Duration(i)*100*time.Microsecond)
			_ = c.call(ctx, p.handleStore(i))
			cancel()
		}
	})
}

// quiet is how long the number of goroutines must not change before the next round begins.
const quiet = 500 * time.Millisecond

// awaitGoroutines waits until no more than most goroutines are left, or their number does
// not change any more, and returns the number.
func (p *probe) awaitGoroutines(tag string, most int) int {
	last, since := 0, time.Now()
	for {
		n, _ := tagged(tag)
		if n != last {
			last, since = n, time.Now()
		}
		if n <= most || time.Since(since) > quiet || p.ctx.Err() != nil {
			return n
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// tagKey is the label of a check's goroutines. The goroutines that they start inherit it,
// which distinguishes them from those of other tests and of pools.
const tagKey = "assignment/conformance"

var tags atomic.Int64 //nolint:gochecknoglobals // a unique number for each check of the process

func newTag() string { return strconv.FormatInt(tags.Add(1), 10) }

// tagged counts the goroutines with the tag and returns the stack of the most frequent ones.
func tagged(tag string) (n int, stack string) {
	var profile bytes.Buffer
	_ = pprof.Lookup("goroutine").WriteTo(&profile, 1) // a buffer takes everything
	label := fmt.Sprintf("%q:%q", tagKey, tag)
	_, blocks, _ := strings.Cut(profile.String(), "\n") // the first line is a title
	for block := range strings.SplitSeq(blocks, "\n\n") {
		if !strings.Contains(block, label) {
			continue
		}
		block = strings.TrimSpace(block)
		head, _, _ := strings.Cut(block, " @ ")
		same, _ := strconv.Atoi(head)
		if n += same; stack == "" {
			stack = block
		}
	}
	return n, stack
}
