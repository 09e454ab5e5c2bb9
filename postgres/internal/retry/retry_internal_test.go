package retry

import (
	"testing"

	"github.com/assignment-go/assignment/postgres/internal/pgdb"
)

var stepNames = map[Step]string{
	StepAgain: "again", StepPause: "pause", StepFail: "fail", StepContended: "contended",
	StepConstraint: "constraint", StepInvisible: "invisible", StepUnknown: "unknown",
}

// TestNextStep is the whole of what a call does after one fault, in each
// situation that it can be in.
func TestNextStep(t *testing.T) {
	for name, test := range map[string]struct {
		state Attempts
		want  map[pgdb.Fault]Step
	}{
		"on a pool": {
			Attempts{Pooled: true},
			map[pgdb.Fault]Step{
				pgdb.FaultNone: StepAgain, pgdb.FaultOutdated: StepAgain, pgdb.FaultViolation: StepAgain, pgdb.FaultSerialization: StepPause,
				pgdb.FaultRejected: StepFail, pgdb.FaultInClient: StepFail, pgdb.FaultNotSent: StepPause, pgdb.FaultAborted: StepPause,
				pgdb.FaultUnreadable: StepUnknown, pgdb.FaultLost: StepPause,
			},
		},
		"on a pool, of what is not sent again": {
			Attempts{Pooled: true, Unrepeatable: true},
			map[pgdb.Fault]Step{
				pgdb.FaultNone: StepAgain, pgdb.FaultOutdated: StepAgain, pgdb.FaultViolation: StepAgain, pgdb.FaultSerialization: StepPause,
				pgdb.FaultRejected: StepFail, pgdb.FaultInClient: StepFail, pgdb.FaultNotSent: StepPause, pgdb.FaultAborted: StepPause,
				pgdb.FaultUnreadable: StepUnknown, pgdb.FaultLost: StepUnknown,
			},
		},
		"on a pool, after a lost reply": {
			Attempts{Pooled: true, Ambiguous: true, resends: 1},
			map[pgdb.Fault]Step{
				pgdb.FaultNone: StepAgain, pgdb.FaultOutdated: StepAgain, pgdb.FaultViolation: StepAgain, pgdb.FaultSerialization: StepPause,
				pgdb.FaultRejected: StepUnknown, pgdb.FaultInClient: StepUnknown, pgdb.FaultNotSent: StepPause, pgdb.FaultAborted: StepPause,
				pgdb.FaultUnreadable: StepUnknown, pgdb.FaultLost: StepPause,
			},
		},
		"on a single connection": {
			Attempts{},
			map[pgdb.Fault]Step{
				pgdb.FaultNone: StepAgain, pgdb.FaultOutdated: StepAgain, pgdb.FaultViolation: StepAgain, pgdb.FaultSerialization: StepPause,
				pgdb.FaultRejected: StepFail, pgdb.FaultInClient: StepFail, pgdb.FaultNotSent: StepFail, pgdb.FaultAborted: StepFail,
				pgdb.FaultUnreadable: StepUnknown, pgdb.FaultLost: StepUnknown,
			},
		},
		"in a transaction of the host's": {
			Attempts{InHost: true},
			map[pgdb.Fault]Step{
				pgdb.FaultNone: StepAgain, pgdb.FaultOutdated: StepAgain, pgdb.FaultViolation: StepAgain, pgdb.FaultSerialization: StepFail,
				pgdb.FaultRejected: StepFail, pgdb.FaultInClient: StepFail, pgdb.FaultNotSent: StepFail, pgdb.FaultAborted: StepFail,
				pgdb.FaultUnreadable: StepFail, pgdb.FaultLost: StepFail,
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			for f := pgdb.FaultNone; f <= pgdb.FaultLost; f++ {
				want, ok := test.want[f]
				if _, got := test.state.Next(f); !ok || got != want {
					t.Errorf("after %s: %s, want %s", f, stepNames[got], stepNames[want])
				}
			}
		})
	}
}

// TestBounds repeats one fault until the call ends.
func TestBounds(t *testing.T) {
	for name, test := range map[string]struct {
		state Attempts
		fault pgdb.Fault
		times int
		want  Step
	}{
		"a winner that never shows is contention":       {Attempts{Pooled: true}, pgdb.FaultNone, MaxStatements, StepContended},
		"the same after a lost reply is unknown":        {Attempts{Pooled: true, Ambiguous: true}, pgdb.FaultNone, MaxStatements, StepUnknown},
		"serialization failures are contention":         {Attempts{Pooled: true}, pgdb.FaultSerialization, MaxStatements, StepContended},
		"an index that nobody holds is the host's":      {Attempts{Pooled: true}, pgdb.FaultViolation, MaxStatements, StepConstraint},
		"violations after a lost reply are unknown":     {Attempts{Pooled: true, Ambiguous: true}, pgdb.FaultViolation, MaxStatements, StepUnknown},
		"a second violation in a transaction is hidden": {Attempts{InHost: true}, pgdb.FaultViolation, 2, StepInvisible},
		"replies that are lost again and again":         {Attempts{Pooled: true}, pgdb.FaultLost, maxResends, StepUnknown},
		"transactions that always break":                {Attempts{Pooled: true}, pgdb.FaultAborted, maxResends, StepFail},
		"no connection to be had":                       {Attempts{Pooled: true}, pgdb.FaultNotSent, maxUnsent, StepFail},
		"no connection to be had after a lost reply":    {Attempts{Pooled: true, Ambiguous: true}, pgdb.FaultNotSent, maxResends, StepUnknown},
	} {
		t.Run(name, func(t *testing.T) {
			state, next := test.state, StepPause
			times := 0
			for ; next == StepAgain || next == StepPause; times++ {
				state, next = state.Next(test.fault)
			}
			if next != test.want || times != test.times {
				t.Errorf("ends after %d with %s, want %d and %s", times, stepNames[next], test.times, stepNames[test.want])
			}
		})
	}
}

// TestNothingEndsAmbiguity takes every way that begins with a lost reply: none
// of its ends may promise that nothing was written.
func TestNothingEndsAmbiguity(t *testing.T) {
	lost, _ := Attempts{Pooled: true}.Next(pgdb.FaultLost)
	ways := map[Attempts]bool{lost: true}
	for range 6 {
		further := make(map[Attempts]bool)
		for state := range ways {
			for f := pgdb.FaultNone; f <= pgdb.FaultLost; f++ {
				next, step := state.Next(f)
				if step == StepAgain || step == StepPause {
					further[next] = true
				} else if step != StepUnknown {
					t.Fatalf("%+v, after %s: %s", state, f, stepNames[step])
				}
			}
		}
		ways = further
	}
	if len(ways) < 10 {
		t.Errorf("only %d ways were taken", len(ways))
	}
}
