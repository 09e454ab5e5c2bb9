package databasesql

import (
	"database/sql"
	"reflect"
	"regexp"
	"strconv"
	"strings"

	"github.com/assignment-go/assignment/postgres/internal/pgdb"
)

// encodeFailure is how database/sql, this package and pgx begin to say which
// argument they can't encode, from 1 or, for pgx, from 0. Nothing was sent then.
var encodeFailure = regexp.MustCompile(`sql: converting argument \$(\d+) type: |parameter \$(\d+) |failed to encode args\[(\d+)\]`)

// unsent marks an error of a call that sends a statement.
func (q querier) unsent(err error) error {
	if err == nil || neverSent(err) {
		return mark(err)
	}
	if _, reported := describe(err); reported {
		return err
	}
	parameter, unencodable := parameterIn(err)
	if unencodable || q.conn != nil && isAlive(q.conn) {
		return pgdb.InClient(err, parameter)
	}
	return err
}

// unread marks an error of reading rows. database/sql begins so when a value
// that has arrived can't be converted.
func unread(err error) error {
	if strings.HasPrefix(err.Error(), "sql: Scan error") {
		return pgdb.Unreadable(err)
	}
	return err
}

// parameterIn finds in the text of an error which argument can't be encoded,
// counted from 1; false when it is about something else.
func parameterIn(err error) (int, bool) {
	match := encodeFailure.FindStringSubmatch(err.Error())
	if match == nil {
		return 0, false
	}
	if match[3] != "" {
		n, _ := strconv.Atoi(match[3])
		return n + 1, true
	}
	n, _ := strconv.Atoi(match[1] + match[2])
	return n, true
}

// isAlive reports whether pgx still holds the connection that has just failed a
// statement: it closes one whose reply it has not received whole. lib/pq keeps
// some that broke, so that nothing follows from those.
func isAlive(conn *sql.Conn) (alive bool) {
	_ = conn.Raw(func(driverConn any) error {
		if wrapped, ok := pgxConnection(driverConn); ok {
			alive = !wrapped.IsClosed()
		}
		return nil
	})
	return alive
}

// pgxConnection asks the connection of pgx/stdlib for the one below, without
// importing pgx: programs that use another driver would have to compile it.
func pgxConnection(driverConn any) (interface{ IsClosed() bool }, bool) {
	method := reflect.ValueOf(driverConn).MethodByName("Conn")
	if !method.IsValid() || method.Type().NumIn() != 0 || method.Type().NumOut() != 1 {
		return nil, false
	}
	return reflect.TypeAssert[interface{ IsClosed() bool }](method.Call(nil)[0])
}
