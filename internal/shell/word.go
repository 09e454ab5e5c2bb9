// Package shell quotes what is printed to be pasted into a shell.
package shell

import (
	"regexp"
	"strings"
)

var plain = regexp.MustCompile(`^[\w./:,=@%+-]+$`)

// Word quotes whatever a POSIX shell might take for more than one plain word.
func Word(s string) string {
	if plain.MatchString(s) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
