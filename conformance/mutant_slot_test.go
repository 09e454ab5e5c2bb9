package conformance_test

import (
	"strings"

	"github.com/assignment-go/assignment"
)

// slotMutants do not guard the slot of the key.
func slotMutants() []mutant {
	slot := func(name, rule string, same func(a, b assignment.Key) bool) mutant {
		return mutant{name: name, rule: rule, change: func(d *driver) { d.sameSlot = same }}
	}
	holding := func(name, rule string, holds func(d *driver, s assignment.Status) bool) mutant {
		return mutant{name: name, rule: rule, change: func(d *driver) {
			d.holds = func(s assignment.Status) bool { return holds(d, s) }
		}}
	}
	return []mutant{
		slot("assignee_only_key", "create/keys_are_independent", func(a, b assignment.Key) bool {
			return a.AssigneeID == b.AssigneeID
		}),
		slot("subject_only_key", "create/keys_are_independent", func(a, b assignment.Key) bool {
			return a.SubjectID == b.SubjectID
		}),
		slot("key_joined_by_separator", "key/parts_are_compared_separately", func(a, b assignment.Key) bool {
			return a.AssigneeID+"/"+a.SubjectID == b.AssigneeID+"/"+b.SubjectID
		}),
		slot("key_joined_without_separator", "key/parts_are_compared_separately", func(a, b assignment.Key) bool {
			return a.AssigneeID+a.SubjectID == b.AssigneeID+b.SubjectID
		}),
		slot("key_joined_by_control_character", "key/parts_are_compared_separately", func(a, b assignment.Key) bool {
			return a.AssigneeID+"\x1f"+a.SubjectID == b.AssigneeID+"\x1f"+b.SubjectID
		}),
		slot("case_folded_assignee", "key/assignee_is_compared_bytewise", func(a, b assignment.Key) bool {
			return strings.EqualFold(a.AssigneeID, b.AssigneeID) && a.SubjectID == b.SubjectID
		}),
		slot("trailing_spaces_ignored", "key/subject_is_compared_bytewise", func(a, b assignment.Key) bool {
			return a.AssigneeID == b.AssigneeID && strings.TrimRight(a.SubjectID, " ") == strings.TrimRight(b.SubjectID, " ")
		}),
		slot("key_truncated_at_254_bytes", "key/longest_key_is_accepted", func(a, b assignment.Key) bool {
			truncated := func(s string) string { return s[:min(len(s), 254)] }
			return truncated(a.AssigneeID) == truncated(b.AssigneeID) && truncated(a.SubjectID) == truncated(b.SubjectID)
		}),
		holding("full_unique_index", "slot/terminal_status_frees_it", always),
		holding("full_unique_index_and_a_history", "slot/history_is_unlimited", always),
		holding("full_unique_index_and_ensure", "ensure/creates_when_free", always),
		holding("full_unique_index_and_reassign", "reassign/history_of_the_new_key_is_no_conflict", always),
		holding("only_the_initial_status_holds", "slot/every_other_status_holds_it", func(d *driver, s assignment.Status) bool {
			return s == d.lifecycle.Initial()
		}),
		holding("hard_coded_statuses", "slot/terminal_status_frees_it", func(_ *driver, s assignment.Status) bool {
			return s != assignment.StatusCompleted && s != assignment.StatusCancelled
		}),
		holding("unknown_status_is_free", "foreign/unknown_status_holds_the_slot", func(d *driver, s assignment.Status) bool {
			return d.lifecycle.Knows(s) && !d.lifecycle.IsTerminal(s)
		}),
		{
			name: "policy_ignored", rule: "store/enforces_the_given_policy",
			change: func(d *driver) { d.lifecycle = assignment.DefaultLifecycle() },
		},
	}
}

func always(*driver, assignment.Status) bool { return true }
