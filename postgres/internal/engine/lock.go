package engine

import (
	"context"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/pgdb"
)

// lockIDs serialises all who use one of the IDs, until the transaction ends.
// Locking in one order rules out deadlocks.
//
// A transaction of the store's own is made READ COMMITTED first, whatever the
// default of the session: under REPEATABLE READ its snapshot would be that of the
// lock, taken before the wait, and would never show what the former owner has
// committed. Both go in one round trip, which takes a statement without
// parameters; in hexadecimal, no ID can be more than a text in it.
func lockIDs(ctx context.Context, q pgdb.Querier, in scope, ids ...assignment.ID) error {
	var sql strings.Builder
	if in == ownScope {
		sql.WriteString("SET TRANSACTION ISOLATION LEVEL READ COMMITTED; ")
	}
	sql.WriteString("SELECT count(pg_advisory_xact_lock(hashtextextended(convert_from(decode(id, 'hex'), 'UTF8'), 0)))\nFROM (VALUES ")
	for n, id := range slices.Sorted(slices.Values(ids)) {
		if n > 0 {
			sql.WriteString(", ")
		}
		sql.WriteString("('" + hex.EncodeToString([]byte(id)) + "')")
	}
	sql.WriteString(") AS list (id)")
	return q.Exec(ctx, sql.String())
}
