package main

import (
	"flag"
	"slices"
	"strings"

	"github.com/assignment-go/assignment/internal/shell"
)

// repeat returns the flags that the next command needs, too, quoted for a shell. The
// URL is left out, because it may contain a password.
func repeat(args []string, flags *flag.FlagSet) string {
	specific := []string{"database-url", "json", "sample", "apply", "dry-run", "no-repair", "all"}
	var words []string
	for i := 0; i < len(args); i++ {
		name, _, joined := strings.Cut(strings.TrimLeft(args[i], "-"), "=")
		pair := args[i : i+1]
		if !joined && !isBool(flags.Lookup(name)) && i+1 < len(args) {
			pair = args[i : i+2]
			i++
		}
		if !slices.Contains(specific, name) {
			words = append(words, pair...)
		}
	}
	for i, word := range words {
		words[i] = shell.Word(word)
	}
	return strings.Join(words, " ")
}

func isBool(f *flag.Flag) bool {
	if f == nil {
		return false
	}
	b, ok := f.Value.(interface{ IsBoolFlag() bool })
	return ok && b.IsBoolFlag()
}
