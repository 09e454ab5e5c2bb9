package shell_test

import (
	"os/exec"
	"testing"

	"github.com/assignment-go/assignment/internal/shell"
)

func TestWord(t *testing.T) {
	for _, word := range []string{
		"plain-1.2", "a=b,c", "", "two words", "it's", `"double"`, "$HOME `id` $(id)", "*", "line\nbreak", "a;b&c|d", `back\slash`, "~",
	} {
		t.Run(word, func(t *testing.T) {
			got, err := exec.CommandContext(t.Context(), "sh", "-c", "printf %s "+shell.Word(word)).Output()
			if err != nil || string(got) != word {
				t.Errorf("%s became %q, %v", shell.Word(word), got, err)
			}
		})
	}
}
