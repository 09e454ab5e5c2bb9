package sqlgen

import (
	"encoding/hex"
	"slices"
	"strings"

	"github.com/assignment-go/assignment"
)

// LockIDs serialises all that use one of the IDs, until the transaction ends.
// Locking in one order rules out deadlocks. It has no parameters, so that it can be
// sent together with other statements; in hexadecimal, no ID can be more than a
// text in it.
func LockIDs(ids ...assignment.ID) string {
	var sql strings.Builder
	sql.WriteString("SELECT count(pg_advisory_xact_lock(hashtextextended(convert_from(decode(id, 'hex'), 'UTF8'), 0)))\nFROM (VALUES ")
	for n, id := range slices.Sorted(slices.Values(ids)) {
		if n > 0 {
			sql.WriteString(", ")
		}
		sql.WriteString("('" + hex.EncodeToString([]byte(id)) + "')")
	}
	sql.WriteString(") AS list (id)")
	return sql.String()
}
