package conformance

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/assignment-go/assignment"
)

// explain says why no order of the calls is possible: the longest order that is, and what
// each remaining call would have to return after it.
func (c checker) explain(small, whole []*event, l assignment.Lifecycle) string {
	n := newNames()
	shown := withReplies(small)
	byBegin(shown)
	var b strings.Builder
	fmt.Fprintf(&b, "no order of the calls explains %s (of %d calls on this subject; [1 to 4] numbers the starts and ends "+
		"of calls, rows are #1, #2, …):\n", plural(len(shown), "this result", "these %d results together"), len(whole))
	numbers := make(map[*event]int)
	for i, e := range shown {
		numbers[e] = i + 1
		fmt.Fprintf(&b, "  %d. %s\n", i+1, n.event(e))
	}
	b.WriteString(n.contradiction(c, small, numbers, l))
	b.WriteString(n.context(shown, whole))
	b.WriteString(n.legend())
	return b.String()
}

func byBegin(history []*event) {
	slices.SortFunc(history, func(a, b *event) int { return cmp.Compare(a.begin, b.begin) })
}

func (n *names) event(e *event) string {
	span := fmt.Sprintf("[%d to %d]", e.begin, e.end)
	if e.open() {
		span = fmt.Sprintf("[%d, no end]", e.begin)
	}
	return fmt.Sprintf("%s client %d on handle %d: %s → %s", span, e.client+1, e.handle+1, n.call(e.op), n.reply(e.got))
}

// contradiction applies the longest possible order and shows what contradicts it.
func (n *names) contradiction(c checker, small []*event, numbers map[*event]int, l assignment.Lifecycle) string {
	order := c.longest(small, shrinkTime)
	m, done := modelState(nil), make(map[*event]bool)
	var steps []string
	for _, e := range order {
		_, m = e.possible(m, l)
		done[e] = true
		if number, ok := numbers[e]; ok {
			steps = append(steps, strconv.Itoa(number))
		} else {
			steps = append(steps, "perhaps "+n.call(e.op))
		}
	}
	if len(steps) == 0 {
		steps = []string{"(none)"}
	}
	text := fmt.Sprintf("the longest possible order: %s. After it the rows are: %s\n", strings.Join(steps, ", "), n.states(m))
	left := withReplies(small)
	byBegin(left)
	lines := []string{text}
	for _, e := range left {
		if !done[e] {
			want, _ := e.op.apply(m, l)
			lines = append(lines, fmt.Sprintf("call %d would then have to return: %s\n", numbers[e], n.reply(want)))
		}
	}
	return strings.Join(lines, "")
}

// mostContext bounds how many further calls are shown.
const mostContext = 10

// context lists the other writes to the rows that are shown, from which their states may
// come.
func (n *names) context(shown, whole []*event) string {
	began, about, end := make(map[int64]bool), make(map[assignment.ID]bool), int64(0)
	for _, e := range shown {
		began[e.begin], end = true, max(end, e.end)
		for _, id := range e.mentions() {
			about[id] = true
		}
	}
	others := filter(whole, func(e *event) bool {
		tried := e.wrote() || e.open() || e.op.writes() && e.got.kind == replyNotWritten
		return tried && !began[e.begin] && e.begin < end && slices.ContainsFunc(e.mentions(), func(id assignment.ID) bool { return about[id] })
	})
	if len(others) == 0 {
		return ""
	}
	byBegin(others)
	lines := []string{"other writes to these rows, which do not explain it at any position either:\n"}
	for _, e := range others[:min(len(others), mostContext)] {
		lines = append(lines, "  "+n.event(e)+"\n")
	}
	return strings.Join(lines, "")
}

// mentions lists the rows in a call and its reply.
func (e *event) mentions() []assignment.ID {
	all := []assignment.ID{e.op.id, e.op.next.ID, e.got.row.id, e.got.retired.id}
	for _, r := range e.got.rows {
		all = append(all, r.id)
	}
	return filter(all, func(id assignment.ID) bool { return id != "" })
}

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return fmt.Sprintf(many, n)
}
