package sqltext_test

import (
	"testing"

	"github.com/assignment-go/assignment/postgres/internal/sqltext"
)

func TestQuote(t *testing.T) {
	t.Run("doubles_quotes", func(t *testing.T) {
		if got, want := sqltext.Quote(`a"b`), `"a""b"`; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}

func TestLiteral(t *testing.T) {
	t.Run("doubles_apostrophes", func(t *testing.T) {
		if got, want := sqltext.Literal("a'b"), "'a''b'"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}

func TestColumns(t *testing.T) {
	t.Run("quotes_each_name", func(t *testing.T) {
		if got, want := sqltext.Columns("a", "b"), `"a", "b"`; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}
