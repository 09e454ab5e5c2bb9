package conformance_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/assignment-go/assignment/conformance"
)

// TestContractIsQuoted checks that the quotes in failure messages are in the documentation.
func TestContractIsQuoted(t *testing.T) {
	documentation := readDocumentation(t)
	for _, rule := range conformance.Rules() {
		_, quote, _ := strings.Cut(rule.Contract, ": ")
		if !strings.Contains(documentation, normal(quote)) {
			t.Errorf("%s: the documentation does not contain %q", rule.Name, quote)
		}
	}
}

func readDocumentation(t *testing.T) string {
	t.Helper()
	files, err := filepath.Glob("../*.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("found no documentation: %v", err)
	}
	var all strings.Builder
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(text)
	}
	return normal(all.String())
}

// normal joins comment lines and removes the brackets of links.
func normal(text string) string {
	text = regexp.MustCompile(`(?m)^\s*// ?`).ReplaceAllString(text, " ")
	text = strings.NewReplacer("[", "", "]", "").Replace(text)
	return strings.Join(strings.Fields(text), " ")
}

func TestRules(t *testing.T) {
	seen := make(map[string]bool)
	for _, rule := range conformance.Rules() {
		t.Run(rule.Name, func(t *testing.T) {
			switch {
			case seen[rule.Name]:
				t.Error("the name is used twice")
			case !regexp.MustCompile(`^[a-z]+/[a-z0-9_]+$`).MatchString(rule.Name):
				t.Error("the name is not subject/claim")
			case !strings.HasSuffix(rule.Statement, "."):
				t.Error("the statement is not a sentence")
			case rule.Level == conformance.Core && rule.Needs(conformance.AbilityReplace, conformance.AbilityMetadata):
				t.Error("a core rule needs abilities, so that it could be skipped")
			}
			seen[rule.Name] = true
		})
	}
}
