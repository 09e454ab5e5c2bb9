package main

import (
	"flag"
	"regexp"
	"slices"
	"strings"
)

// repeat returns the flags that the next command needs as well, ready for a
// shell. The URL is left out, since it may hold a password.
func repeat(args []string, flags *flag.FlagSet) string {
	own := []string{"database-url", "json", "sample", "apply", "dry-run", "no-repair"}
	var words []string
	for i := 0; i < len(args); i++ {
		name, _, joined := strings.Cut(strings.TrimLeft(args[i], "-"), "=")
		pair := args[i : i+1]
		if !joined && !isBool(flags.Lookup(name)) && i+1 < len(args) {
			pair = args[i : i+2]
			i++
		}
		if !slices.Contains(own, name) {
			words = append(words, pair...)
		}
	}
	for i, word := range words {
		words[i] = shellWord(word)
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

var plainWord = regexp.MustCompile(`^[\w./:,=@%+-]+$`)

func shellWord(s string) string {
	if plainWord.MatchString(s) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
