package postgres

import "github.com/jackc/pgx/v5"

// modeOf returns the mode in which the connection sends a statement and its
// parameters together; zero when its own mode does.
//
// In QueryExecModeDescribeExec they are sent one after the other: a transaction
// pooler may send the parameters to another server, where the unnamed statement is
// that of another client.
func modeOf(conn *pgx.Conn) pgx.QueryExecMode {
	switch config := conn.Config(); {
	case config.DefaultQueryExecMode != pgx.QueryExecModeDescribeExec:
		return 0
	case config.DescriptionCacheCapacity > 0:
		return pgx.QueryExecModeCacheDescribe // encodes the same values
	default:
		return pgx.QueryExecModeExec
	}
}

// modeKey is where a connection has the result of modeOf.
const modeKey = "assignment: mode"

// cachedMode is modeOf for a connection that nothing else uses meanwhile. Without
// the cache each call on a pool would copy the configuration of its connection.
func cachedMode(conn *pgx.Conn) pgx.QueryExecMode {
	cache := conn.PgConn().CustomData()
	mode, ok := cache[modeKey].(pgx.QueryExecMode)
	if !ok {
		mode = modeOf(conn)
		cache[modeKey] = mode
	}
	return mode
}
