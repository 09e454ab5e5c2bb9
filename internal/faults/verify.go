package faults

import (
	"fmt"

	"github.com/assignment-go/assignment"
)

// verdict compares the ledger with the history of the table. All callers have
// ended, and so has everything that they sent.
type verdict struct {
	calls   []Call
	byStamp map[int64]Call
	history []state
	rows    []state
	found   []string
}

// verify returns every violation.
func verify(l *Ledger, history, rows []state) []string {
	v := verdict{calls: l.calls, byStamp: l.byStamp(), history: history, rows: rows, found: l.violations}
	v.oneActiveNow()
	v.oneActiveEver()
	v.everyActiveWasReported()
	v.everyReportIsThere()
	v.noFailureWrote()
	return v.found
}

func (v *verdict) violatef(format string, args ...any) {
	v.found = append(v.found, fmt.Sprintf(format, args...))
}

// oneActiveNow is I1 at the end.
func (v *verdict) oneActiveNow() {
	holder := make(map[assignment.Key]assignment.ID)
	for _, row := range v.rows {
		if !row.active() {
			continue
		}
		if other, taken := holder[row.Key]; taken {
			v.violatef("I1: %s has two active rows at the end: %s and %s", row.Key, other, row.ID)
		}
		holder[row.Key] = row.ID
	}
}

// oneActiveEver is I1 at every moment of the history.
func (v *verdict) oneActiveEver() {
	holder := make(map[assignment.Key]assignment.ID)
	for _, s := range v.history {
		other := holder[s.Key]
		switch {
		case s.active() && other != "" && other != s.ID:
			v.violatef("I1: %s was taken by %s (seq %d) while %s held it", s.Key, s.ID, s.Seq, other)
			holder[s.Key] = s.ID
		case s.active():
			holder[s.Key] = s.ID
		case other == s.ID:
			delete(holder, s.Key)
		}
	}
}

// everyActiveWasReported is I2.
func (v *verdict) everyActiveWasReported() {
	created, admitted := make(map[assignment.ID]int), make(map[assignment.ID]bool)
	for _, c := range v.calls {
		switch c.Class {
		case Created:
			created[c.ID]++
		case Unknown, Replayed:
			admitted[c.ID] = true
		default:
		}
	}
	for id, n := range created {
		if n > 1 {
			v.violatef("I2: %s was reported created %d times", id, n)
		}
	}
	for _, row := range v.rows {
		if row.active() && created[row.ID] == 0 && !admitted[row.ID] {
			v.violatef("I2: %s is active and nobody was told so", row.ID)
		}
	}
}

// rowState names a state of a row, wherever it was seen.
type rowState struct {
	id      assignment.ID
	version int64
	status  assignment.Status
	stamp   int64
}

// everyReportIsThere is I4.
func (v *verdict) everyReportIsThere() {
	recorded := make(map[rowState]bool, len(v.history))
	for _, s := range v.history {
		recorded[rowState{s.ID, s.Version, s.Status, s.UpdatedAt.UnixMicro()}] = true
	}
	for _, c := range v.calls {
		for _, a := range c.Seen {
			if !recorded[rowState{a.ID, a.Version, a.Status, a.UpdatedAt.UnixMicro()}] {
				v.violatef("I4: %s in version %d, %s, is not in the history; reported by %s", a.ID, a.Version, a.Status, c)
			}
		}
	}
}

// noFailureWrote is I5: whoever wrote a state had reported success, or that it
// did not know.
func (v *verdict) noFailureWrote() {
	for _, s := range v.history {
		c, known := v.byStamp[s.UpdatedAt.UnixMicro()]
		switch {
		case !known:
			v.violatef("I5: %s in version %d was written by nobody", s.ID, s.Version)
		case !c.Class.mayHaveWritten():
			v.violatef("I5: a failure that wrote (version %d, %s of %s): %s", s.Version, s.Status, s.ID, c)
		}
	}
}

// landedLate counts the rows whose creator, having been told that the outcome
// is unknown, asked again and was told of another holder: the first statement
// was kept back for so long that the repetition was answered before it.
func landedLate(l *Ledger, rows []state) int {
	last := make(map[assignment.ID]Class)
	for _, c := range l.calls {
		if c.Op != OpComplete && c.Op != OpReopen {
			last[c.ID] = c.Class
		}
	}
	n := 0
	for _, row := range rows {
		if c := last[row.ID]; c == Conflict || c == Existing {
			n++
		}
	}
	return n
}
