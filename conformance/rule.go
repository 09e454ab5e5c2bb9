package conformance

import "slices"

// Level tells whether a rule may be skipped.
type Level string

const (
	// Core rules run on every driver.
	Core Level = "core"
	// Optional rules are skipped, with the reason, when the driver or its
	// harness lacks what they need.
	Optional Level = "optional"
)

// Rule is one requirement on a driver and the check of it.
type Rule struct {
	// Name is the name of the subtest: a subject, a slash, and what must hold.
	Name string
	// Level tells whether the rule may be skipped.
	Level Level
	// Statement is the rule in words.
	Statement string
	// Contract is the part of the documentation that the rule checks.
	Contract string

	needs []Ability
	// everyPolicy runs the check under each policy of the harness.
	everyPolicy bool
	check       func(*probe)
}

// Rules lists all rules in the order in which they run.
func Rules() []Rule {
	rules := slices.Concat(
		storeRules(), createRules(), replayRules(), reuseRules(), newIDRules(), ensureRules(), slotRules(),
		transitionRules(), completionRules(), versionRules(),
		reopenRules(), reassignRules(), replaceRules(), replaceRejectionRules(),
		batchRules(), batchReplayRules(), batchDependentRules(), allOrNothingRules(), rejectionRules(), batchStoreRules(),
		readRules(), listRules(), filterRules(), pagingRules(),
		validationRules(), contextRules(), goroutineRules(), cancellationRules(), lostRules(), copyRules(),
		timeRules(), metadataRules(), textRules(), keyRules(), foreignRules(),
		createRaceRules(), changeRaceRules(), transactionRules(), replaceRaceRules(), batchRaceRules(),
		churnRules(), historyRules(),
		stampedeRules(), linearizableRules(),
	)
	for i := range rules {
		rules[i].Level = rules[i].level()
	}
	return rules
}

func (r Rule) level() Level {
	if r.Level == Optional || len(r.needs) > 0 {
		return Optional
	}
	return Core
}
