package postgres

import "github.com/jackc/pgx/v5"

// exchange returns the mode in which the connection sends a statement and its
// parameters together; zero when its own mode does.
//
// In QueryExecModeDescribeExec they go apart: a transaction pooler may hand the
// parameters to another server, where the unnamed statement is that of another
// client.
func exchange(conn *pgx.Conn) pgx.QueryExecMode {
	switch config := conn.Config(); {
	case config.DefaultQueryExecMode != pgx.QueryExecModeDescribeExec:
		return 0
	case config.DescriptionCacheCapacity > 0:
		return pgx.QueryExecModeCacheDescribe // encodes the same values
	default:
		return pgx.QueryExecModeExec
	}
}

// exchangeKey is where a connection keeps what exchange found out about it.
const exchangeKey = "assignment: exchange"

// keptExchange is exchange for a connection that nobody else uses meanwhile.
// Asking costs a copy of its configuration, which a pool would pay for every
// call.
func keptExchange(conn *pgx.Conn) pgx.QueryExecMode {
	kept := conn.PgConn().CustomData()
	mode, ok := kept[exchangeKey].(pgx.QueryExecMode)
	if !ok {
		mode = exchange(conn)
		kept[exchangeKey] = mode
	}
	return mode
}
