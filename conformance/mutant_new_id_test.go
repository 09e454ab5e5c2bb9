package conformance_test

import "github.com/assignment-go/assignment"

// newIDMutants have a wrong CreateNew.
func newIDMutants() []mutant {
	faulty := func(name, rule string, createNew func(d *driver, a assignment.Assignment) (assignment.Result, error)) mutant {
		return mutant{name: name, rule: rule, change: func(d *driver) {
			d.createNew = func(a assignment.Assignment) (assignment.Result, error) { return createNew(d, a) }
		}}
	}
	return []mutant{
		faulty("new_id_is_not_stored", "newid/creates_like_create", func(_ *driver, a assignment.Assignment) (assignment.Result, error) {
			return assignment.Result{Assignment: a.Clone(), Outcome: assignment.OutcomeCreated}, nil
		}),
		faulty("new_id_loses_the_fingerprint", "newid/creates_like_create", func(d *driver, a assignment.Assignment) (assignment.Result, error) {
			a.Request = ""
			return d.create(a)
		}),
		faulty("new_id_conflicts_with_the_request", "newid/conflict_returns_the_holder", func(d *driver, a assignment.Assignment) (assignment.Result, error) {
			if _, taken := d.otherHolder(a); taken {
				return assignment.Result{}, &assignment.ActiveExistsError{Key: a.Key, Existing: a}
			}
			return d.create(a)
		}),
		faulty("new_id_overwrites_the_row", "newid/used_id_behaves_like_create", func(d *driver, a assignment.Assignment) (assignment.Result, error) {
			if holder, taken := d.otherHolder(a); taken {
				return assignment.Result{}, d.conflict(a.Key, holder)
			}
			d.table.put(d.toStored(a))
			return assignment.Result{Assignment: d.toReturned(a), Outcome: assignment.OutcomeCreated}, nil
		}),
		faulty("new_id_in_use_is_always_a_conflict", "newid/used_id_behaves_like_create", func(d *driver, a assignment.Assignment) (assignment.Result, error) {
			if existing, used := d.table.get(a.ID); used {
				return assignment.Result{}, d.conflict(a.Key, existing)
			}
			return d.create(a)
		}),
		faulty("new_id_checks_and_then_inserts", "newid/race_for_a_slot", func(d *driver, a assignment.Assignment) (assignment.Result, error) {
			holder, taken := d.otherHolder(a)
			d.lock.Unlock() // another caller may take the slot now
			yieldToOthers()
			d.lock.Lock()
			if taken {
				return assignment.Result{}, d.conflict(a.Key, holder)
			}
			d.table.put(d.toStored(a))
			return assignment.Result{Assignment: d.toReturned(a), Outcome: assignment.OutcomeCreated}, nil
		}),
	}
}
