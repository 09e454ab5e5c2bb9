package guard

// CheckCatalog is the part of an inspection that needs no planner.
var CheckCatalog = checkCatalog

// Classify returns the verdict on an index by its shape, and whether the planner
// has to be asked before it is final.
func Classify(spec Spec, c *Catalog, i Index) (d Verdict, open bool) {
	d, q := fixes{spec, c}.classify(i)
	return d, q != nothing
}

// Proofs are what the planner has proved about the predicate of an index.
type Proofs struct {
	Identical, Covers, Covered, Disjoint bool
	Because                              string
}

// Decide returns the verdict on an index on the key, whose predicate decides.
func Decide(spec Spec, c *Catalog, i Index, p Proofs) Verdict {
	f := fixes{spec, c}
	d, _ := f.classify(i)
	return f.decide(d, relation{p.Identical, p.Covers, p.Covered, p.Disjoint, p.Because})
}

// CheckIndexes is CheckCatalog with the verdicts that the planner's proofs led to.
func CheckIndexes(spec Spec, c *Catalog, verdicts ...Verdict) *Report {
	r := checkCatalog(spec, c)
	if !r.Buildable {
		return r
	}
	spec.Table, r.Verdicts = r.Table, verdicts
	f := fixes{spec, c}
	if chosen := chooseGuard(verdicts); chosen != nil {
		r.Guard = f.describe(*chosen)
	}
	check := &indexCheck{f, r}
	check.identity()
	check.run()
	return r
}
