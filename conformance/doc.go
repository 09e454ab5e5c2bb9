// Package conformance checks that an [assignment.Store] fulfils its contract, above
// all its guarantee: never two active assignments of one key.
//
// The author of a driver says how to open the store and runs the suite;
// docs/drivers.md builds a driver with it:
//
//	func TestConformance(t *testing.T) {
//		conformance.Run(t, conformance.Harness{Open: openTwoHandles})
//	}
//
// Each [Rule] runs as a subtest with the name of the rule, on a new backend. A
// failure shows the rule in words, the part of the contract behind it, and what was
// seen instead. A driver that panics, hangs or ignores its context fails the rule
// and does not stop the suite.
//
// Core rules always run. An optional rule is skipped, with the reason, when the
// harness lacks what it needs. An ability that the harness declares absent must
// return [assignment.ErrUnsupported].
//
// No rule fails because the machine is slow: a call only counts as hanging when it
// does not return within Harness.Timeout, and a check that has learned too little
// for a verdict is [Inconclusive], which says nothing about the driver.
//
// When a rule about linearizability fails, the reason shows the fewest calls whose
// results contradict each other, and a drawing of the whole history is among the
// artifacts of the test.
//
// [Check] does the same without package testing, for other programs. The suite
// derives its values from a seed that the report prints; set CONFORMANCE_SEED to it
// to repeat a run.
package conformance
