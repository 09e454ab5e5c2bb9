package guard

import (
	"context"

	"github.com/assignment-go/assignment/postgres/schema"
)

// verifier finds the role of every index: one of them must be the guard, one must
// make the ID unique, and others may have a consequence.
type verifier struct {
	prover
	report *Report
}

func (v *verifier) run(ctx context.Context) error {
	if err := v.prepare(ctx); err != nil {
		return err
	}
	for _, i := range v.catalog.Indexes {
		d, err := v.verdict(ctx, i)
		if err != nil {
			return err
		}
		v.report.Verdicts = append(v.report.Verdicts, d)
	}
	if err := v.choose(ctx); err != nil {
		return err
	}
	c := &indexCheck{v.fixes, v.report}
	c.identity()
	if err := v.statusChecks(ctx); err != nil {
		return err
	}
	if err := v.collations(ctx); err != nil {
		return err
	}
	c.run()
	if v.report.Guard != nil {
		v.report.Guard.Warnings = v.report.Warnings
	}
	return nil
}

// verdict classifies the index, and has the planner decide what its shape leaves
// open.
func (v *verifier) verdict(ctx context.Context, i Index) (Verdict, error) {
	d, open := v.classify(i)
	unrelated := Verdict{
		Index: i, OnKey: d.OnKey, BuiltBySDK: d.BuiltBySDK, Dependents: d.Dependents, Unmapped: d.Unmapped,
	}
	switch open {
	case overlap:
		disjoint, err := v.disjointFromActive(ctx, i)
		if err != nil || disjoint {
			return unrelated, err
		}
	case equivalence:
		r, err := v.relate(ctx, i)
		if err != nil || v.decide(unrelated, r).Role != RoleGuard {
			return unrelated, err
		}
	case comparison:
		r, err := v.relate(ctx, i)
		if err != nil {
			return d, err
		}
		return v.decide(d, r), nil
	case nothing:
	}
	return d, nil
}

// choose takes the best guard, and finds the predicate that makes an insert infer
// it.
func (v *verifier) choose(ctx context.Context) error {
	chosen := chooseGuard(v.report.Verdicts)
	if chosen == nil {
		return nil
	}
	v.report.ConflictPredicate = v.spec.active()
	if !chosen.Exact {
		inferred, err := v.infers(ctx, v.spec.active(), chosen.Index)
		if err != nil {
			return err
		}
		if !inferred {
			v.report.ConflictPredicate = chosen.Index.Predicate
		}
	}
	v.report.Guard = v.describe(*chosen)
	return nil
}

// chooseGuard returns the best usable guard, nil without one. The other guards that
// the SDK built are superseded.
func chooseGuard(verdicts []Verdict) *Verdict {
	var chosen *Verdict
	for n := range verdicts {
		d := &verdicts[n]
		if d.Role == RoleGuard && d.Index.Usable() && (chosen == nil || d.betterThan(*chosen)) {
			chosen = d
		}
	}
	if chosen == nil {
		return nil
	}
	for n := range verdicts {
		d := &verdicts[n]
		if d.Role == RoleGuard && d != chosen && d.BuiltBySDK {
			d.Role = RoleSuperseded
		}
	}
	return chosen
}

// describe returns the guard as the host sees it.
func (f fixes) describe(d Verdict) *schema.Guard {
	g := &schema.Guard{
		Table: f.table().String(), Index: d.Index.Name, Definition: d.Index.Definition,
		Predicate: d.Index.Predicate, Expected: f.spec.active(), Exact: d.Exact,
		Session: schema.Session(f.catalog.Session),
	}
	if d.Exact {
		g.Expected = g.Predicate
	}
	return g
}
