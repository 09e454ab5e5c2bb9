package sqlgen

import "testing"

func TestText(t *testing.T) {
	want := func(t *testing.T, got text, want string) {
		t.Helper()
		if got.String() != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
	}
	t.Run("a_line_break_inside_a_line_is_not_indented", func(t *testing.T) {
		want(t, text{"a\nb", "c"}.nested(), "  a\nb\n  c")
	})
	t.Run("parts_without_a_body_are_left_out", func(t *testing.T) {
		want(t, with(cte{}, as("x", text{"SELECT 1"}), cte{}, materialized("y", text{"SELECT 2"})),
			"WITH x AS (\n  SELECT 1\n), y AS MATERIALIZED (\n  SELECT 2\n)")
	})
	t.Run("branches_without_a_body_are_left_out", func(t *testing.T) {
		want(t, union(nil, text{"TABLE x"}, nil, text{"TABLE y"}), "TABLE x\nUNION ALL\nTABLE y")
	})
	t.Run("all_conditions_must_hold", func(t *testing.T) {
		want(t, where("a", "b"), "WHERE a\n  AND b")
	})
	t.Run("no_condition_is_no_clause", func(t *testing.T) {
		want(t, where(), "")
	})
	t.Run("a_short_list_is_one_line", func(t *testing.T) {
		want(t, listed("VALUES (", []string{"a", "b"}, ")"), "VALUES (a, b)")
	})
	t.Run("a_long_list_is_broken", func(t *testing.T) {
		const long = "0123456789012345678901234567890123456789012345678901234567890123456789"
		want(t, listed("SELECT ", []string{long, long}, ""), "SELECT "+long+",\n  "+long)
	})
}
