package adopt

import (
	"slices"
	"strings"
	"unicode"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/internal/shell"
)

// statusPlaceholder is in a proposed command where only the owner of the table knows
// the status. No lifecycle is meant to have it, so the command fails until it
// is replaced.
const statusPlaceholder = "<status>"

// repairCommand is the command line of a repair with the flags, and with a policy
// that the table allows.
func (s *settings) repairCommand(t *table, flags ...string) string {
	if s.repair.Policy.timed && !s.ordered(t) {
		flags = append(flags, "-policy most-advanced")
	}
	return strings.Join(slices.Concat([]string{"assignment repair"}, flags, []string{"-apply"}), " ")
}

// nullStatusCommand proposes the default of the column, which is what a row that
// was inserted with NULL by mistake would have got, and nothing else.
func (s *settings) nullStatusCommand(t *table) string {
	proposed := statusPlaceholder
	if status := t.defaultStatus(); s.lifecycle.Knows(status) {
		proposed = string(status)
	}
	return s.repairCommand(t, "-null-status "+shell.Word(proposed))
}

// rewriteCommand proposes the status of the lifecycle that differs only by case.
// Anything else would be a guess, and a wrong guess ends active assignments. It is
// empty when no command line can express the status.
func (s *settings) rewriteCommand(t *table, unknown assignment.Status) string {
	if unknown == "" || strings.ContainsAny(string(unknown), ",=") || strings.ContainsFunc(string(unknown), unicode.IsControl) {
		return ""
	}
	proposed := statusPlaceholder
	if match, ok := s.ignoringCase(unknown); ok {
		proposed = string(match)
	}
	return s.repairCommand(t, "-rewrite-status "+shell.Word(string(unknown)+"="+proposed))
}

// ignoringCase returns the only status of the lifecycle that equals the unknown one
// when case and surrounding blanks don't count.
func (s *settings) ignoringCase(unknown assignment.Status) (match assignment.Status, ok bool) {
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
