package faults

import (
	"fmt"

	"github.com/assignment-go/assignment"
)

// verifier compares the ledger with the history of the table. All callers have
// returned, and all that they sent has been carried out.
type verifier struct {
	calls   []Call
	byStamp map[int64]Call
	history []state
	rows    []state
	found   []string
}

// verify returns every violation.
func verify(l *Ledger, history, rows []state) []string {
	v := verifier{calls: l.calls, byStamp: l.byStamp(), history: history, rows: rows, found: l.violations}
	v.oneActiveNow()
	v.oneActiveEver()
	v.everyActiveWasReported()
	v.everyReportIsThere()
	v.noFailureWrote()
	return v.found
}

func (v *verifier) violatef(format string, args ...any) {
	v.found = append(v.found, fmt.Sprintf(format, args...))
}

// oneActiveNow is I1 at the end.
func (v *verifier) oneActiveNow() {
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
func (v *verifier) oneActiveEver() {
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
func (v *verifier) everyActiveWasReported() {
	created, possible := make(map[assignment.ID]int), make(map[assignment.ID]bool)
	for _, c := range v.calls {
		switch c.Class {
		case Created:
			created[c.ID]++
		case Unknown, Replayed:
			possible[c.ID] = true
		default:
		}
	}
	for id, n := range created {
		if n > 1 {
			v.violatef("I2: %s was reported created %d times", id, n)
		}
	}
	for _, row := range v.rows {
		if row.active() && created[row.ID] == 0 && !possible[row.ID] {
			v.violatef("I2: %s is active, but no call reported it as created, replayed or unknown", row.ID)
		}
	}
}

// rowState identifies a state of a row.
type rowState struct {
	id      assignment.ID
	version int64
	status  assignment.Status
	stamp   int64
}

// everyReportIsThere is I4.
func (v *verifier) everyReportIsThere() {
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

// noFailureWrote is I5: the call that wrote a state reported success or an
// unknown outcome.
func (v *verifier) noFailureWrote() {
	for _, s := range v.history {
		c, known := v.byStamp[s.UpdatedAt.UnixMicro()]
		switch {
		case !known:
			v.violatef("I5: %s in version %d was written by no recorded call", s.ID, s.Version)
		case !c.Class.mayHaveWritten():
			v.violatef("I5: a failed call has written version %d (%s) of %s: %s", s.Version, s.Status, s.ID, c)
		}
	}
}

// lateRows counts the rows whose caller got an unknown outcome, repeated the call
// and got a conflict with another holder: the first statement was delayed until
// after the repetition.
func lateRows(l *Ledger, rows []state) int {
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
