package conformance_test

import (
	"encoding/json"
	"maps"
	"strings"
	"time"

	"github.com/assignment-go/assignment"
)

// valueMutants do not return what was stored.
func valueMutants() []mutant {
	stored := func(name, rule string, toStored func(assignment.Assignment) assignment.Assignment) mutant {
		return mutant{name: name, rule: rule, change: func(d *driver) {
			d.toStored = func(a assignment.Assignment) assignment.Assignment { return toStored(a.Clone()) }
		}}
	}
	shared := func(a assignment.Assignment) assignment.Assignment { return a }
	return []mutant{
		stored("times_to_the_millisecond", "fidelity/times_are_exact", func(a assignment.Assignment) assignment.Assignment {
			a.CreatedAt, a.UpdatedAt = a.CreatedAt.Truncate(time.Millisecond), a.UpdatedAt.Truncate(time.Millisecond)
			return a
		}),
		stored("times_in_another_zone", "fidelity/times_are_exact", func(a assignment.Assignment) assignment.Assignment {
			a.CreatedAt = a.CreatedAt.In(time.FixedZone("east", 3600))
			return a
		}),
		stored("due_times_since_1970", "fidelity/due_times_of_any_year", func(a assignment.Assignment) assignment.Assignment {
			if a.DueAt.Unix() < 0 {
				a.DueAt = time.Time{}
			}
			return a
		}),
		stored("no_due_time_becomes_1970", "create/optional_attributes_may_be_absent", func(a assignment.Assignment) assignment.Assignment {
			if a.DueAt.IsZero() {
				a.DueAt = time.Unix(0, 0).UTC()
			}
			return a
		}),
		stored("attribute_dropped", "create/stores_the_row_as_given", func(a assignment.Assignment) assignment.Assignment {
			a.AssignedBy = ""
			return a
		}),
		stored("attributes_swapped", "create/stores_the_row_as_given", func(a assignment.Assignment) assignment.Assignment {
			a.AssignedBy, a.AccountID = a.AccountID, a.AssignedBy
			return a
		}),
		stored("text_trimmed", "fidelity/assigned_by_is_any_text", func(a assignment.Assignment) assignment.Assignment {
			a.AssignedBy = strings.TrimSpace(a.AssignedBy)
			return a
		}),
		stored("id_in_lower_case", "fidelity/id_is_any_text", func(a assignment.Assignment) assignment.Assignment {
			a.ID = assignment.ID(strings.ToLower(string(a.ID)))
			return a
		}),
		stored("metadata_is_flat", "fidelity/metadata_of_any_shape", func(a assignment.Assignment) assignment.Assignment {
			maps.DeleteFunc(a.Metadata, func(_ string, v any) bool { return v == nil })
			return a
		}),
		stored("metadata_as_go_types", "fidelity/metadata_of_any_shape", func(a assignment.Assignment) assignment.Assignment {
			encoded, err := json.Marshal(a.Metadata)
			if err != nil {
				panic(err)
			}
			decoder := json.NewDecoder(strings.NewReader(string(encoded)))
			decoder.UseNumber()
			if err := decoder.Decode(&a.Metadata); err != nil {
				panic(err)
			}
			return a
		}),
		{name: "input_map_is_stored", rule: "copies/input_is_not_shared", change: func(d *driver) { d.toStored = shared }},
		{name: "stored_map_is_returned", rule: "copies/returned_row_is_not_shared", change: func(d *driver) { d.toStored, d.toReturned = shared, shared }},
		{name: "stored_map_of_the_holder_is_returned", rule: "copies/holder_in_a_conflict_is_not_shared", change: func(d *driver) {
			d.conflict = func(k assignment.Key, holder assignment.Assignment) error {
				return &assignment.ActiveExistsError{Key: k, Existing: holder}
			}
		}},
		{name: "copies_are_shallow", rule: "copies/returned_row_is_not_shared", change: func(d *driver) {
			d.toReturned = func(a assignment.Assignment) assignment.Assignment {
				a.Metadata = maps.Clone(a.Metadata)
				return a
			}
		}},
	}
}
