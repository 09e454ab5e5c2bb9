package engine

import (
	"context"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/pgdb"
	"github.com/assignment-go/assignment/postgres/internal/sqlgen"
)

// lockIDs serialises all that use one of the IDs, until the transaction ends.
//
// A transaction of the store's own is made READ COMMITTED first, whatever the
// default of the session: under REPEATABLE READ its snapshot would be that of the
// lock, taken before the wait, and would never show what the former owner has
// committed. Both go in one round trip.
func lockIDs(ctx context.Context, q pgdb.Querier, in scope, ids ...assignment.ID) error {
	sql := sqlgen.LockIDs(ids...)
	if in == ownScope {
		sql = "SET TRANSACTION ISOLATION LEVEL READ COMMITTED; " + sql
	}
	return q.Exec(ctx, sql)
}
