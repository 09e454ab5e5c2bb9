package faults

import (
	"fmt"
	"sync"
	"time"

	"github.com/assignment-go/assignment"
)

// Op is the operation of a call.
type Op string

// The operations.
const (
	OpCreate   Op = "create"
	OpEnsure   Op = "ensure"
	OpCreateTx Op = "create in transaction"
	OpReplace  Op = "replace"
	OpComplete Op = "complete"
	OpReopen   Op = "reopen"
)

// Call is one call and what it reported.
type Call struct {
	Op    Op
	Key   assignment.Key
	ID    assignment.ID
	Class Class
	// Stamp is the time on the caller's clock during this call, unique to it. A
	// row with this time was written by this call.
	Stamp time.Time
	// Faulted is set when a fault hit the call's connections.
	Faulted bool
	// Seen are the rows that the call returned, or that came with its error.
	Seen []assignment.Assignment
	// Err is the text of the error.
	Err string
}

// String names the call in a violation.
func (c Call) String() string {
	s := fmt.Sprintf("%s of %s on %s/%s: %s", c.Op, c.ID, c.Key.AssigneeID, c.Key.SubjectID, c.Class)
	if c.Err != "" {
		s += " (" + c.Err + ")"
	}
	return s
}

// Ledger holds every call of a run. It is safe for concurrent use.
type Ledger struct {
	mu         sync.Mutex
	calls      []Call
	faulted    int
	violations []string
}

// Add records a call.
func (l *Ledger) Add(c Call) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.calls = append(l.calls, c)
	if c.Faulted {
		l.faulted++
	}
}

// Violatef records a violation that was found during the run.
func (l *Ledger) Violatef(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.violations = append(l.violations, fmt.Sprintf(format, args...))
}

// Size returns how many calls there are, and how many of them were faulted.
func (l *Ledger) Size() (calls, faulted int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.calls), l.faulted
}

// Count returns how many calls reported the class.
func (l *Ledger) Count(class Class) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := 0
	for i := range l.calls {
		if l.calls[i].Class == class {
			n++
		}
	}
	return n
}

// byClass counts the calls by what they reported.
func (l *Ledger) byClass() map[Class]int {
	l.mu.Lock()
	defer l.mu.Unlock()
	counts := make(map[Class]int)
	for i := range l.calls {
		counts[l.calls[i].Class]++
	}
	return counts
}

// byStamp indexes the calls by their stamp, to find the call that wrote a row.
func (l *Ledger) byStamp() map[int64]Call {
	found := make(map[int64]Call, len(l.calls))
	for _, c := range l.calls {
		found[c.Stamp.UnixMicro()] = c
	}
	return found
}

// clock returns times that never repeat.
type clock struct {
	mu   sync.Mutex
	last time.Time
}

func newClock() *clock { return &clock{last: time.Now().UTC().Truncate(time.Microsecond)} }

func (c *clock) next() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last = c.last.Add(time.Microsecond)
	return c.last
}
