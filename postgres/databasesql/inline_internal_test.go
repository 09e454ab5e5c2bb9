package databasesql

import (
	"database/sql/driver"
	"errors"
	"testing"

	"github.com/assignment-go/assignment"
)

func TestInline(t *testing.T) {
	eleven := []driver.Value{"one", "2", "3", "4", "5", "6", "7", "8", "9", "10", int64(11)}
	for name, c := range map[string]struct {
		query, want string
	}{
		"each_parameter_by_its_number":       {`SELECT $11::int, $1::text`, `SELECT '11'::int, 'one'::text`},
		"a_parameter_that_comes_twice":       {`$1=$1`, `'one'='one'`},
		"not_in_a_literal":                   {`'$1' 'it''s $1' $1`, `'$1' 'it''s $1' 'one'`},
		"not_in_a_literal_with_escapes":      {`E'\'$1' E'''$1' $1`, `E'\'$1' E'''$1' 'one'`},
		"not_in_a_quoted_name":               {`"$1" "a""$1" $1`, `"$1" "a""$1" 'one'`},
		"not_in_a_name":                      {`a$1 _$1 é$1 $1`, `a$1 _$1 é$1 'one'`},
		"not_in_a_comment":                   {"-- $1\n$1", "-- $1\n'one'"},
		"not_in_a_comment_over_lines":        {"/* $1 /* */ $1 */ $1", "/* $1 /* */ $1 */ 'one'"},
		"not_between_dollar_quotes":          {`$$ $1 $$ $a$ $1 $$ $a$ $1`, `$$ $1 $$ $a$ $1 $$ $a$ 'one'`},
		"after_a_dollar_sign_that_is_alone":  {`$ $1`, `$ 'one'`},
		"up_to_what_is_not_closed":           {`$1 '$1`, `'one' '$1`},
		"up_to_a_comment_that_is_not_closed": {`$1 /* $1`, `'one' /* $1`},
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := inline(c.query, eleven); err != nil || got != c.want {
				t.Errorf("got %s, %v\nwant %s", got, err, c.want)
			}
		})
	}
	for _, query := range []string{`$0`, `$12`, `$99999999999999999999`} {
		t.Run("no_argument_for_"+query, func(t *testing.T) {
			if got, err := inline(query, eleven); err == nil {
				t.Errorf("got %s, want an error", got)
			}
		})
	}
	for name, value := range map[string]driver.Value{
		"a_NUL_byte": "a\x00'", "broken_UTF-8": "a\xff'", "a_NUL_byte_in_bytes": []byte{0}, "another_type": struct{}{},
	} {
		t.Run("rejects_"+name, func(t *testing.T) {
			got, err := inline(`SELECT $1`, []driver.Value{value})
			if invalid, ok := errors.AsType[*assignment.InvalidError](err); !ok || invalid.Field != "parameter $1" {
				t.Errorf("got %s, %v; want an *InvalidError about the parameter", got, err)
			}
		})
	}
}
