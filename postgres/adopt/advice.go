package adopt

import (
	"slices"
	"strings"
	"unicode"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/internal/shell"
)

// statusPlaceholder stands in an advice where only the owner of the table knows
// the status. No lifecycle is meant to have it, so the command does not run
// before it is replaced.
const statusPlaceholder = "<status>"

// repairCommand is the command line of a repair that has some flags and a
// policy that can work.
func (s *settings) repairCommand(t *table, flags ...string) string {
	if s.repair.Policy.timed && !s.ordered(t) {
		flags = append(flags, "-policy most-advanced")
	}
	return strings.Join(slices.Concat([]string{"assignment repair"}, flags, []string{"-apply"}), " ")
}

// nullStatusCommand proposes the default of the column, which is what those who
// inserted NULL by oversight would have got, and nothing else.
func (s *settings) nullStatusCommand(t *table) string {
	proposed := statusPlaceholder
	if preset := t.preset(); s.lifecycle.Knows(preset) {
		proposed = string(preset)
	}
	return s.repairCommand(t, "-null-status "+shell.Word(proposed))
}

// rewriteCommand proposes the status of the lifecycle that differs by case
// alone. Anything else would be a guess, and a wrong one ends live assignments.
// It is empty when no command line can say it.
func (s *settings) rewriteCommand(t *table, unknown assignment.Status) string {
	if unknown == "" || strings.ContainsAny(string(unknown), ",=") || strings.ContainsFunc(string(unknown), unicode.IsControl) {
		return ""
	}
	proposed := statusPlaceholder
	if match, ok := s.sameButForCase(unknown); ok {
		proposed = string(match)
	}
	return s.repairCommand(t, "-rewrite-status "+shell.Word(string(unknown)+"="+proposed))
}

// sameButForCase returns the only status of the lifecycle that differs from s
// by case and blanks around it.
func (s *settings) sameButForCase(unknown assignment.Status) (match assignment.Status, ok bool) {
	var matches []assignment.Status
	for _, known := range s.lifecycle.Statuses() {
		if strings.EqualFold(strings.TrimSpace(string(unknown)), string(known)) {
			matches = append(matches, known)
		}
	}
	if len(matches) != 1 || strings.ContainsAny(string(matches[0]), ",=") {
		return "", false
	}
	return matches[0], true
}
