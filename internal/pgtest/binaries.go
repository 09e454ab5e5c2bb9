package main

import (
	"cmp"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
)

// binaryDirs lists the directories in which packages install the server programs.
// None of them is usually on PATH.
func binaryDirs() []string {
	return []string{
		"/usr/lib/postgresql/*/bin",                      // Debian, Ubuntu
		"/usr/pgsql-*/bin",                               // Red Hat, by postgresql.org
		"/usr/libexec/postgresql*",                       // Alpine
		"/opt/homebrew/opt/postgresql*/bin",              // Homebrew, Apple silicon
		"/usr/local/opt/postgresql*/bin",                 // Homebrew, Intel
		"/home/linuxbrew/.linuxbrew/opt/postgresql*/bin", // Homebrew, Linux
		"/Applications/Postgres.app/Contents/Versions/*/bin",
	}
}

var majorVersion = regexp.MustCompile(`\d+`)

// serverPrograms returns the directory of the server programs, or errAbsent. It
// returns an error when a directory that the user named has none: the results of
// another version would not be what the user asked for.
func serverPrograms(named string) (string, error) {
	if named != "" {
		if lacksServer(named) {
			return "", fmt.Errorf("%s: there are no initdb and postgres in %s", envPostgresBin, named)
		}
		return filepath.Abs(named)
	}
	if found := findBinaries(); found != "" {
		return found, nil
	}
	return "", errAbsent
}

// findBinaries returns the directory of the newest server programs, or "".
// PATH comes first: it is how a user picks a version.
func findBinaries() string {
	if initdb, err := exec.LookPath("initdb"); err == nil {
		// A package may link initdb alone into PATH.
		if target, err := filepath.EvalSymlinks(initdb); err == nil && hasServer(filepath.Dir(target)) {
			return filepath.Dir(target)
		}
	}

	var found []string
	for _, pattern := range binaryDirs() {
		matches, _ := filepath.Glob(pattern) // the patterns are well-formed
		found = append(found, slices.DeleteFunc(matches, lacksServer)...)
	}
	if len(found) == 0 {
		return ""
	}
	return slices.MaxFunc(found, func(a, b string) int { return cmp.Compare(major(a), major(b)) })
}

// hasServer reports whether dir holds both programs that a cluster needs.
func hasServer(dir string) bool {
	for _, program := range []string{"initdb", "postgres"} {
		info, err := os.Stat(filepath.Join(dir, program))
		if err != nil || info.IsDir() {
			return false
		}
	}
	return true
}

func lacksServer(dir string) bool { return !hasServer(dir) }

// major reads the version from a path such as /usr/lib/postgresql/15/bin.
func major(dir string) int {
	n, err := strconv.Atoi(majorVersion.FindString(dir))
	if err != nil {
		return 0
	}
	return n
}
