package sqlgen_test

import (
	"strings"
	"testing"

	"github.com/assignment-go/assignment/postgres/internal/sqlgen"
)

func TestLockIDs(t *testing.T) {
	t.Run("locks_in_one_order_whatever_the_callers_order", func(t *testing.T) {
		if a, b := sqlgen.LockIDs("1", "2"), sqlgen.LockIDs("2", "1"); a != b {
			t.Errorf("%s\ndiffers from\n%s", a, b)
		}
	})
	t.Run("an_id_is_never_more_than_a_text", func(t *testing.T) {
		sql := sqlgen.LockIDs(`'); DROP TABLE assignments; --`)
		if strings.Contains(sql, "DROP") {
			t.Error(sql)
		}
		wantSQL(t, sql, "FROM (VALUES ('27293b2044524f50")
	})
}
