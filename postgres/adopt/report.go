package adopt

import (
	"slices"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/schema"
)

// StatusCount is a status that the table contains.
type StatusCount struct {
	// Status is the value; nil is NULL.
	Status *assignment.Status `json:"status"`
	// Rows is how many have it.
	Rows int64 `json:"rows"`
	// Known reports whether the lifecycle names it.
	Known bool `json:"known"`
	// Terminal reports whether it frees the slot.
	Terminal bool `json:"terminal"`
}

// Report is the state of a table in one snapshot.
type Report struct {
	// Table is the table, as configured.
	Table string `json:"table"`
	// Findings are ordered by the step that fixes them. None means that a store
	// can be opened on the table, and that no row evades the guard.
	Findings []Finding `json:"findings"`
	// Warnings have a consequence that the owner should know, and block nothing.
	Warnings []Finding `json:"warnings,omitempty"`
	// Guard is the index that keeps the guarantee; nil when there is none.
	Guard *schema.Guard `json:"guard"`
	// Statuses are those present, the most frequent first.
	Statuses []StatusCount `json:"statuses"`
	// DuplicateGroups is the number of slots that are held more than once.
	DuplicateGroups int `json:"duplicate_groups"`
	// DuplicateRows is the number of rows in them.
	DuplicateRows int `json:"duplicate_rows"`
	// Sample shows the first of them, as many as Options.Sample.
	Sample []Group `json:"sample,omitempty"`
}

// OK reports whether there are no findings.
func (r Report) OK() bool { return len(r.Findings) == 0 }

// Has reports whether one of the findings is of the kind. An
// [assignment.GuardProblem] is passed as Kind(problem).
func (r Report) Has(kind Kind) bool {
	return slices.ContainsFunc(r.Findings, func(f Finding) bool { return f.Kind == kind })
}
