// Package shell quotes text for commands that a user copies into a shell.
package shell

import (
	"regexp"
	"strings"
)

var plain = regexp.MustCompile(`^[\w./:,=@%+-]+$`)

// Word returns s as one word of a POSIX shell, quoted where that is necessary.
func Word(s string) string {
	if plain.MatchString(s) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
