package postgres

import (
	"regexp"
	"strconv"

	"github.com/jackc/pgx/v5"

	"github.com/assignment-go/assignment/postgres/internal/pgdb"
)

// unsent marks an error of Query or Exec. When the connection lives and the
// server has reported nothing, then nothing was sent: pgx closes a connection
// whose reply it has not received whole. What remains is a failure of its own,
// such as a parameter that it can't encode.
func (q querier) unsent(err error) error {
	if neverSent(err) || !q.failedAlone(err) {
		return mark(err)
	}
	return pgdb.InClient(err, parameterIn(err))
}

// unread marks an error of reading the rows. When the connection lives, the
// reply was received, and can't be decoded.
func (q querier) unread(err error) error {
	if neverSent(err) || !q.failedAlone(err) {
		return mark(err)
	}
	return pgdb.Unreadable(err)
}

// failedAlone reports whether neither the server nor the network is at fault.
func (q querier) failedAlone(err error) bool {
	if _, reported := describe(err); err == nil || reported {
		return false
	}
	conn := q.connection()
	return conn != nil && !conn.IsClosed()
}

func (q querier) connection() *pgx.Conn {
	switch db := q.db.(type) {
	case *pgx.Conn:
		return db
	case interface{ Conn() *pgx.Conn }:
		return db.Conn()
	default:
		return nil
	}
}

var encodeFailure = regexp.MustCompile(`\bargs\[(\d+)\]`)

// parameterIn finds in the text of an error of pgx which parameter it is about,
// counted from 1; zero when it does not say.
func parameterIn(err error) int {
	match := encodeFailure.FindStringSubmatch(err.Error())
	if match == nil {
		return 0
	}
	n, _ := strconv.Atoi(match[1])
	return n + 1
}
