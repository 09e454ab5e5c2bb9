package golden_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/assignment-go/assignment/internal/golden"
)

// recorder is a test that may fail.
type recorder struct {
	testing.TB

	failure string
}

func (r *recorder) Helper() {}

func (r *recorder) Errorf(format string, args ...any) { r.failure = fmt.Sprintf(format, args...) }

func TestCheck(t *testing.T) {
	file := filepath.Join(t.TempDir(), "golden")
	if err := os.WriteFile(file, []byte("one\ntwo\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cases := []struct{ name, got, failure string }{
		{"the_same_text_passes", "one\ntwo\n", ""},
		{"another_line_is_shown", "one\nTWO\n", "at line 2: TWO;"},
		{"a_further_line_is_shown", "one\ntwo\nthree\n", "at line 3: three;"},
		{"a_missing_end_is_reported", "one", "at its end;"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r := &recorder{TB: t}
			golden.Check(r, file, c.got)
			if !strings.Contains(r.failure, c.failure) || c.failure == "" && r.failure != "" {
				t.Errorf("got %q, want %q", r.failure, c.failure)
			}
		})
	}
}
