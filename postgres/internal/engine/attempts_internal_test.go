package engine

import (
	"maps"
	"slices"
	"testing"
)

// faultNames spells them for the tables below.
var faultNames = map[fault]string{
	faultNone: "none", faultOutdated: "outdated", faultViolation: "violation", faultSerialization: "serialization",
	faultRefused: "refused", faultInClient: "in client", faultNotSent: "not sent", faultAborted: "aborted",
	faultUnreadable: "unreadable", faultLost: "lost",
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
		want  map[fault]step
	}{
		"on a pool": {
			attempts{pooled: true},
			map[fault]step{
				faultNone: stepAgain, faultOutdated: stepAgain, faultViolation: stepAgain, faultSerialization: stepPause,
				faultRefused: stepFail, faultInClient: stepFail, faultNotSent: stepPause, faultAborted: stepPause,
				faultUnreadable: stepUnknown, faultLost: stepPause,
			},
		},
		"on a pool, of what is not sent again": {
			attempts{pooled: true, unrepeatable: true},
			map[fault]step{
				faultNone: stepAgain, faultOutdated: stepAgain, faultViolation: stepAgain, faultSerialization: stepPause,
				faultRefused: stepFail, faultInClient: stepFail, faultNotSent: stepPause, faultAborted: stepPause,
				faultUnreadable: stepUnknown, faultLost: stepUnknown,
			},
		},
		"on a pool, after a lost reply": {
			attempts{pooled: true, ambiguous: true, resends: 1},
			map[fault]step{
				faultNone: stepAgain, faultOutdated: stepAgain, faultViolation: stepAgain, faultSerialization: stepPause,
				faultRefused: stepUnknown, faultInClient: stepUnknown, faultNotSent: stepPause, faultAborted: stepPause,
				faultUnreadable: stepUnknown, faultLost: stepPause,
			},
		},
		"on a single connection": {
			attempts{},
			map[fault]step{
				faultNone: stepAgain, faultOutdated: stepAgain, faultViolation: stepAgain, faultSerialization: stepPause,
				faultRefused: stepFail, faultInClient: stepFail, faultNotSent: stepFail, faultAborted: stepFail,
				faultUnreadable: stepUnknown, faultLost: stepUnknown,
			},
		},
		"in a transaction of the host's": {
			attempts{inHost: true},
			map[fault]step{
				faultNone: stepAgain, faultOutdated: stepAgain, faultViolation: stepAgain, faultSerialization: stepFail,
				faultRefused: stepFail, faultInClient: stepFail, faultNotSent: stepFail, faultAborted: stepFail,
				faultUnreadable: stepFail, faultLost: stepFail,
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			for _, f := range slices.Sorted(maps.Keys(faultNames)) {
				want, ok := test.want[f]
				if _, got := test.state.after(f); !ok || got != want {
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
		fault fault
		times int
		want  step
	}{
		"a winner that never shows is contention":       {attempts{pooled: true}, faultNone, maxStatements, stepContended},
		"the same after a lost reply is unknown":        {attempts{pooled: true, ambiguous: true}, faultNone, maxStatements, stepUnknown},
		"serialization failures are contention":         {attempts{pooled: true}, faultSerialization, maxStatements, stepContended},
		"an index that nobody holds is the host's":      {attempts{pooled: true}, faultViolation, maxStatements, stepConstraint},
		"violations after a lost reply are unknown":     {attempts{pooled: true, ambiguous: true}, faultViolation, maxStatements, stepUnknown},
		"a second violation in a transaction is hidden": {attempts{inHost: true}, faultViolation, 2, stepInvisible},
		"replies that are lost again and again":         {attempts{pooled: true}, faultLost, maxResends, stepUnknown},
		"transactions that always break":                {attempts{pooled: true}, faultAborted, maxResends, stepFail},
		"no connection to be had":                       {attempts{pooled: true}, faultNotSent, maxUnsent, stepFail},
		"no connection to be had after a lost reply":    {attempts{pooled: true, ambiguous: true}, faultNotSent, maxResends, stepUnknown},
	} {
		t.Run(name, func(t *testing.T) {
			state, next := test.state, stepPause
			times := 0
			for ; next == stepAgain || next == stepPause; times++ {
				state, next = state.after(test.fault)
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
	lost, _ := attempts{pooled: true}.after(faultLost)
	ways := map[attempts]bool{lost: true}
	for range 6 {
		further := make(map[attempts]bool)
		for state := range ways {
			for f := range faultNames {
				next, step := state.after(f)
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
