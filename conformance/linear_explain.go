package conformance

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/assignment-go/assignment"
)

// explain tells why no order of the calls is possible: which order goes
// furthest, and what each call left over would have to answer then.
func (j judge) explain(small, whole []*event, l assignment.Lifecycle) string {
	n := newNames()
	shown := answered(small)
	byBegin(shown)
	var b strings.Builder
	fmt.Fprintf(&b, "the answers of %d calls contradict each other (of %d on this subject in the round; times count "+
		"begins and ends of calls):\n", len(shown), len(whole))
	numbers := make(map[*event]int)
	for i, e := range shown {
		numbers[e] = i + 1
		fmt.Fprintf(&b, "  %d. %s\n", i+1, n.event(e))
	}
	b.WriteString(n.contradiction(j, small, numbers, l))
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
		span = fmt.Sprintf("[%d, open end]", e.begin)
	}
	return fmt.Sprintf("%s client %d on handle %d: %s → %s", span, e.client+1, e.handle+1, n.call(e.act), n.answer(e.got))
}

// contradiction walks the order that goes furthest.
func (n *names) contradiction(j judge, small []*event, numbers map[*event]int, l assignment.Lifecycle) string {
	order := j.longest(small, shrinkTime)
	w, done := world(nil), make(map[*event]bool)
	var steps []string
	for _, e := range order {
		_, w = e.possible(w, l)
		done[e] = true
		if number, ok := numbers[e]; ok {
			steps = append(steps, fmt.Sprint(number))
		} else {
			steps = append(steps, n.call(e.act))
		}
	}
	if len(steps) == 0 {
		steps = []string{"(none)"}
	}
	text := fmt.Sprintf("the order that goes furthest: %s; the slot's rows are then: %s\n", strings.Join(steps, ", "), n.states(w))
	left := answered(small)
	byBegin(left)
	for _, e := range left {
		if !done[e] {
			due, _ := e.act.on(w, l)
			text += fmt.Sprintf("%d. should answer there: %s\n", numbers[e], n.answer(due))
		}
	}
	return text
}

// mostContext bounds how many further calls are shown.
const mostContext = 10

// context lists the other writes to the rows that are shown, for a reader who
// wonders where a state came from.
func (n *names) context(shown, whole []*event) string {
	began := make(map[int64]bool)
	for _, e := range shown {
		began[e.begin] = true
	}
	others := keep(whole, func(e *event) bool {
		_, known := n.rows[string(e.act.id+e.act.next.ID)]
		return e.act.writes() && known && !began[e.begin]
	})
	if len(others) == 0 {
		return ""
	}
	byBegin(others)
	text := "whatever became of the other writes to these rows does not explain it:\n"
	for _, e := range others[:min(len(others), mostContext)] {
		text += "  " + n.event(e) + "\n"
	}
	return text
}
