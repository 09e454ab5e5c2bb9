package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

const barWidth = 24

// progress shows how far the run is: as a bar on a terminal, else as one line per
// step.
type progress struct {
	out      io.Writer
	terminal bool
	begin    time.Time
	painted  bool
}

func progressOn(file *os.File) *progress {
	info, err := file.Stat()
	return &progress{out: file, terminal: err == nil && info.Mode()&os.ModeCharDevice != 0, begin: time.Now()}
}

// Loading implements race.Progress.
func (p *progress) Loading(rows, total int) {
	p.step(rows, total, fmt.Sprintf("loading history: %d of %d rows", rows, total))
}

// Measuring implements race.Progress.
func (p *progress) Measuring(n, total int, what string) {
	p.step(n-1, total, fmt.Sprintf("%d/%d %s", n, total, what))
}

func (p *progress) step(done, total int, what string) {
	elapsed := time.Since(p.begin).Round(time.Second)
	if !p.terminal {
		fmt.Fprintf(p.out, "%7s  %s\n", elapsed, what)
		return
	}
	filled := barWidth * done / max(total, 1)
	bar := strings.Repeat("█", filled) + strings.Repeat("░", barWidth-filled)
	fmt.Fprintf(p.out, "\r\x1b[K%s %3d%% %s  %s", bar, 100*done/max(total, 1), elapsed, shorten(what))
	p.painted = true
}

// done clears the bar.
func (p *progress) done() {
	if p.painted {
		fmt.Fprint(p.out, "\r\x1b[K")
	}
}

// shorten truncates a text so that the bar fits on one line of a terminal.
func shorten(what string) string {
	const room = 44
	if runes := []rune(what); len(runes) > room {
		return string(runes[:room-1]) + "…"
	}
	return what
}
