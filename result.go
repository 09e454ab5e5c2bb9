package assignment

import "strconv"

// Result is an assignment and how the call came by it.
type Result struct {
	Assignment Assignment // the row after the call
	Outcome    Outcome    // never zero when the call succeeded
	// Retired is the former holder as Replace left it. It is nil when the slot was
	// free, for a replay, and when the reply to the first attempt was lost.
	Retired *Assignment
}

// Outcome tells how a [Result] came about.
type Outcome int

const (
	// OutcomeCreated means that this call created the assignment.
	OutcomeCreated Outcome = iota + 1
	// OutcomeExisting means that Ensure returned the holder of the slot instead.
	OutcomeExisting
	// OutcomeReplayed means that an earlier call with the same ID and content had
	// created the assignment, which is returned as it is now.
	OutcomeReplayed
)

// String returns "created", "existing" or "replayed"; "none" for zero.
func (o Outcome) String() string {
	names := [...]string{"none", "created", "existing", "replayed"}
	if o < 0 || int(o) >= len(names) {
		return "Outcome(" + strconv.Itoa(int(o)) + ")"
	}
	return names[o]
}
