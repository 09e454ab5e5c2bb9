package engine

import (
	"maps"
	"slices"
	"testing"

	"github.com/assignment-go/assignment/postgres/internal/pgdb"
)

// faultNames spells them for the tables below.
var faultNames = map[pgdb.Fault]string{
	pgdb.FaultNone: "none", pgdb.FaultOutdated: "outdated", pgdb.FaultViolation: "violation", pgdb.FaultSerialization: "serialization",
	pgdb.FaultRejected: "rejected", pgdb.FaultInClient: "in client", pgdb.FaultNotSent: "not sent", pgdb.FaultAborted: "aborted",
	pgdb.FaultUnreadable: "unreadable", pgdb.FaultLost: "lost",
}

var stepNames = map[step]string{
	stepAgain: "again", stepPause: "pause", stepFail: "fail", stepContended: "contended",
	stepConstraint: "constraint", stepInvisible: "invisible", stepUnknown: "unknown",
}

// TestNextStep is the whole of what a call does after one fault, in each
// situation that it can be in.
func TestNextStep(t *testing.T) {
	for name, test := range map[string]struct {
		state attempts
		want  map[pgdb.Fault]step
	}{
		"on a pool": {
			attempts{pooled: true},
			map[pgdb.Fault]step{
				pgdb.FaultNone: stepAgain, pgdb.FaultOutdated: stepAgain, pgdb.FaultViolation: stepAgain, pgdb.FaultSerialization: stepPause,
				pgdb.FaultRejected: stepFail, pgdb.FaultInClient: stepFail, pgdb.FaultNotSent: stepPause, pgdb.FaultAborted: stepPause,
				pgdb.FaultUnreadable: stepUnknown, pgdb.FaultLost: stepPause,
			},
		},
		"on a pool, of what is not sent again": {
			attempts{pooled: true, unrepeatable: true},
			map[pgdb.Fault]step{
				pgdb.FaultNone: stepAgain, pgdb.FaultOutdated: stepAgain, pgdb.FaultViolation: stepAgain, pgdb.FaultSerialization: stepPause,
				pgdb.FaultRejected: stepFail, pgdb.FaultInClient: stepFail, pgdb.FaultNotSent: stepPause, pgdb.FaultAborted: stepPause,
				pgdb.FaultUnreadable: stepUnknown, pgdb.FaultLost: stepUnknown,
			},
		},
		"on a pool, after a lost reply": {
			attempts{pooled: true, ambiguous: true, resends: 1},
			map[pgdb.Fault]step{
				pgdb.FaultNone: stepAgain, pgdb.FaultOutdated: stepAgain, pgdb.FaultViolation: stepAgain, pgdb.FaultSerialization: stepPause,
				pgdb.FaultRejected: stepUnknown, pgdb.FaultInClient: stepUnknown, pgdb.FaultNotSent: stepPause, pgdb.FaultAborted: stepPause,
				pgdb.FaultUnreadable: stepUnknown, pgdb.FaultLost: stepPause,
			},
		},
		"on a single connection": {
			attempts{},
			map[pgdb.Fault]step{
				pgdb.FaultNone: stepAgain, pgdb.FaultOutdated: stepAgain, pgdb.FaultViolation: stepAgain, pgdb.FaultSerialization: stepPause,
				pgdb.FaultRejected: stepFail, pgdb.FaultInClient: stepFail, pgdb.FaultNotSent: stepFail, pgdb.FaultAborted: stepFail,
				pgdb.FaultUnreadable: stepUnknown, pgdb.FaultLost: stepUnknown,
			},
		},
		"in a transaction of the host's": {
			attempts{inHost: true},
			map[pgdb.Fault]step{
				pgdb.FaultNone: stepAgain, pgdb.FaultOutdated: stepAgain, pgdb.FaultViolation: stepAgain, pgdb.FaultSerialization: stepFail,
				pgdb.FaultRejected: stepFail, pgdb.FaultInClient: stepFail, pgdb.FaultNotSent: stepFail, pgdb.FaultAborted: stepFail,
				pgdb.FaultUnreadable: stepFail, pgdb.FaultLost: stepFail,
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			for _, f := range slices.Sorted(maps.Keys(faultNames)) {
				want, ok := test.want[f]
				if _, got := test.state.next(f); !ok || got != want {
					t.Errorf("after %s: %s, want %s", faultNames[f], stepNames[got], stepNames[want])
				}
			}
		})
	}
}

// TestBounds repeats one fault until the call ends.
func TestBounds(t *testing.T) {
	for name, test := range map[string]struct {
		state attempts
		fault pgdb.Fault
		times int
		want  step
	}{
		"a winner that never shows is contention":       {attempts{pooled: true}, pgdb.FaultNone, maxStatements, stepContended},
		"the same after a lost reply is unknown":        {attempts{pooled: true, ambiguous: true}, pgdb.FaultNone, maxStatements, stepUnknown},
		"serialization failures are contention":         {attempts{pooled: true}, pgdb.FaultSerialization, maxStatements, stepContended},
		"an index that nobody holds is the host's":      {attempts{pooled: true}, pgdb.FaultViolation, maxStatements, stepConstraint},
		"violations after a lost reply are unknown":     {attempts{pooled: true, ambiguous: true}, pgdb.FaultViolation, maxStatements, stepUnknown},
		"a second violation in a transaction is hidden": {attempts{inHost: true}, pgdb.FaultViolation, 2, stepInvisible},
		"replies that are lost again and again":         {attempts{pooled: true}, pgdb.FaultLost, maxResends, stepUnknown},
		"transactions that always break":                {attempts{pooled: true}, pgdb.FaultAborted, maxResends, stepFail},
		"no connection to be had":                       {attempts{pooled: true}, pgdb.FaultNotSent, maxUnsent, stepFail},
		"no connection to be had after a lost reply":    {attempts{pooled: true, ambiguous: true}, pgdb.FaultNotSent, maxResends, stepUnknown},
	} {
		t.Run(name, func(t *testing.T) {
			state, next := test.state, stepPause
			times := 0
			for ; next == stepAgain || next == stepPause; times++ {
				state, next = state.next(test.fault)
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
	lost, _ := attempts{pooled: true}.next(pgdb.FaultLost)
	ways := map[attempts]bool{lost: true}
	for range 6 {
		further := make(map[attempts]bool)
		for state := range ways {
			for f := range faultNames {
				next, step := state.next(f)
				if step == stepAgain || step == stepPause {
					further[next] = true
				} else if step != stepUnknown {
					t.Fatalf("%+v, after %s: %s", state, faultNames[f], stepNames[step])
				}
			}
		}
		ways = further
	}
	if len(ways) < 10 {
		t.Errorf("only %d ways were taken", len(ways))
	}
}
