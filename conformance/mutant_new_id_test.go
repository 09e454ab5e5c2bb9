package conformance_test

import "github.com/assignment-go/assignment"

// newIDMutants take a new ID for more than it is.
func newIDMutants() []mutant {
	faulty := func(name, rule string, createNew func(d *lab, a assignment.Assignment) (assignment.Result, error)) mutant {
		return mutant{name: name, rule: rule, spoil: func(d *lab) {
			d.createNew = func(a assignment.Assignment) (assignment.Result, error) { return createNew(d, a) }
		}}
	}
	return []mutant{
		faulty("new_id_is_believed_to_be_stored", "newid/creates_as_create_does", func(_ *lab, a assignment.Assignment) (assignment.Result, error) {
			return assignment.Result{Assignment: a.Clone(), Outcome: assignment.OutcomeCreated}, nil
		}),
		faulty("new_id_loses_what_was_asked_for", "newid/creates_as_create_does", func(d *lab, a assignment.Assignment) (assignment.Result, error) {
			a.Request = ""
			return d.create(a)
		}),
		faulty("new_id_conflicts_with_the_request", "newid/conflict_carries_the_holder", func(d *lab, a assignment.Assignment) (assignment.Result, error) {
			if _, taken := d.rival(a); taken {
				return assignment.Result{}, &assignment.ActiveExistsError{Key: a.Key, Existing: a}
			}
			return d.create(a)
		}),
		faulty("new_id_overwrites_the_row", "newid/used_id_answers_as_create", func(d *lab, a assignment.Assignment) (assignment.Result, error) {
			if holder, taken := d.rival(a); taken {
				return assignment.Result{}, d.taken(a.Key, holder)
			}
			d.table.put(d.keep(a))
			return assignment.Result{Assignment: d.give(a), Outcome: assignment.OutcomeCreated}, nil
		}),
		faulty("new_id_in_use_is_always_a_conflict", "newid/used_id_answers_as_create", func(d *lab, a assignment.Assignment) (assignment.Result, error) {
			if own, used := d.table.get(a.ID); used {
				return assignment.Result{}, d.taken(a.Key, own)
			}
			return d.create(a)
		}),
		faulty("new_id_checks_and_then_inserts", "newid/race_for_a_slot", func(d *lab, a assignment.Assignment) (assignment.Result, error) {
			holder, taken := d.rival(a)
			d.lock.Unlock() // and anybody may come
			linger()
			d.lock.Lock()
			if taken {
				return assignment.Result{}, d.taken(a.Key, holder)
			}
			d.table.put(d.keep(a))
			return assignment.Result{Assignment: d.give(a), Outcome: assignment.OutcomeCreated}, nil
		}),
	}
}
