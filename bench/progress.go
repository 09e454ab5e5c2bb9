package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

const barWidth = 24

// progress tells a person how far the run is: as a bar that repaints itself on
// a terminal, as a line per step elsewhere.
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

// done wipes the bar off.
func (p *progress) done() {
	if p.painted {
		fmt.Fprint(p.out, "\r\x1b[K")
	}
}

// shorten keeps the bar on one line of a usual terminal.
func shorten(what string) string {
	const room = 44
	if runes := []rune(what); len(runes) > room {
		return string(runes[:room-1]) + "…"
	}
	return what
}
