package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/assignment-go/assignment/postgres/adopt"
)

const barWidth = 30

// meter shows progress: a bar on a terminal, otherwise a line for each phase, and at
// most one a second.
type meter struct {
	streams
	phase string
	at    time.Time
	drawn bool
}

func (m *meter) show(p adopt.Progress) {
	done := p.Total > 0 && p.Done == p.Total
	if p.Phase == m.phase && !done && time.Since(m.at) < m.interval() {
		return
	}
	if m.bar {
		m.draw(p)
	} else {
		fmt.Fprintln(m.err, describe(p))
	}
	m.phase, m.at = p.Phase, time.Now()
}

func (m *meter) interval() time.Duration {
	if m.bar {
		return 100 * time.Millisecond
	}
	return time.Second
}

// draw overwrites the line; a new phase gets a new line.
func (m *meter) draw(p adopt.Progress) {
	if m.drawn && p.Phase != m.phase {
		fmt.Fprintln(m.err)
	}
	m.drawn = true
	filled := 0
	if p.Total > 0 {
		filled = int(min(p.Done, p.Total) * barWidth / p.Total)
	}
	fmt.Fprintf(m.err, "\r\x1b[K[%s%s] %s", strings.Repeat("#", filled), strings.Repeat(".", barWidth-filled), describe(p))
}

// end ends the line of the bar.
func (m *meter) end() {
	if m.drawn {
		fmt.Fprintln(m.err)
	}
}

func describe(p adopt.Progress) string {
	if p.Total == 0 {
		return p.Phase
	}
	return fmt.Sprintf("%s: %d of %d", p.Phase, p.Done, p.Total)
}
