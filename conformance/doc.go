// Package conformance checks that an [assignment.Store] keeps its contract,
// above all the one promise: never two active assignments of one key.
//
// A driver's author describes how to open the store and runs the suite:
//
//	func TestConformance(t *testing.T) {
//		conformance.Run(t, conformance.Harness{
//			Open: func(ctx context.Context, p assignment.Policy) (conformance.Backend, error) {
//				dsn, err := newDatabase(ctx) // no t.Fatal here: see Harness.Open
//				if err != nil {
//					return conformance.Backend{}, err
//				}
//				first, err := mydriver.New(ctx, dsn, p)
//				if err != nil {
//					return conformance.Backend{}, err
//				}
//				second, err := mydriver.New(ctx, dsn, p)
//				return conformance.Backend{Store: first, Second: second, Close: closer(first, second)}, err
//			},
//		})
//	}
//
// Each [Rule] runs as a subtest of its name on a backend of its own. A failure
// gives the rule in words, the part of the contract behind it, and what was
// seen instead. A driver that panics, hangs or ignores its context fails the
// rule that met it and never takes the suite with it.
//
// Core rules always run. An optional rule is skipped, visibly and with the
// reason, when the harness lacks what it needs; an ability that the harness
// declares absent must answer [assignment.ErrUnsupported].
//
// A slow machine fails no rule: only a call that does not return at all, by
// Harness.Timeout, counts as hanging, and a check that learnt too little to judge
// ends as [Unclear], which is no fault of the driver.
//
// A rule on linearizability that fails shows the fewest calls whose answers
// contradict each other, and leaves a drawing of the whole history among the
// artifacts of its test.
//
// [Check] is the same without package testing, for programs that judge a store
// in another way. Values are drawn from a seed that the report prints; set
// CONFORMANCE_SEED to it to repeat a run.
package conformance
