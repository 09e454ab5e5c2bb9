package pgdb

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// ServerError is what the server reports about a failed statement.
type ServerError struct {
	// Code is the SQLSTATE.
	Code string
	// Message and Detail are the server's words.
	Message, Detail string
	// Subject names the constraint, else the column, that was violated.
	Subject string
	// Table is the table that the report is about; often empty.
	Table string
	// Where is the context in which the error was raised, such as a function or
	// trigger of the host's.
	Where string
	// Routine names the function of the server that reported the error, such as
	// "ExecWithCheckOptions".
	Routine string
	// Fatal means that the server closed the connection with this report.
	Fatal bool
}

func (r ServerError) class() string { return r.Code[:min(2, len(r.Code))] }

// RaisedByHost reports whether the error came from a function or trigger. What
// the server itself fails at has no context, but for waits and the parameters of
// the statement.
func (r ServerError) RaisedByHost() bool {
	return r.Where != "" && !aboutParameters.MatchString(r.Where)
}

// aboutParameters recognises "unnamed portal parameter $3", which could not be
// read, and "unnamed portal with parameters: $1 = …", which is added where
// log_parameter_max_length_on_error is set; in any language. The innermost
// context is then no statement or function, whose texts are quoted.
var aboutParameters = regexp.MustCompile(`^([^"\n$]*)\$(\d+)(?: = |\n|$)`)

// Parameter is the number of the parameter that the server could not read; zero
// when it was not about one.
func (r ServerError) Parameter() int {
	match := aboutParameters.FindStringSubmatch(r.Where)
	if len(match) == 0 || strings.HasSuffix(match[1], ": ") {
		return 0
	}
	n, _ := strconv.Atoi(match[2])
	return n
}

// IsPolicy recognises a row that row-level security does not let in. A missing
// privilege has the same SQLSTATE.
func (r ServerError) IsPolicy() bool { return r.Routine == "ExecWithCheckOptions" }

// IsAboutStatement recognises what would happen to every such statement,
// whatever its rows: the table or a privilege is missing, or the server is in
// trouble. To divide the statement would repeat the failure for each row.
func (r ServerError) IsAboutStatement() bool {
	switch {
	case r.Code == "57014": // statement_timeout, which fewer rows may not exceed
		return false
	case r.RaisedByHost():
		return r.isOfServer() && slices.Contains([]string{"53", "57", "58"}, r.class())
	case r.IsPolicy(), r.isMoved():
		return false
	default:
		return slices.Contains([]string{"0A", "25", "26", "3F", "42", "53", "57", "58", "XX"}, r.class())
	}
}

// IsAboutValue recognises that a value does not fit its column: by its type, or
// by what it is. The server rarely names that column.
func (r ServerError) IsAboutValue() bool {
	return !r.RaisedByHost() && r.Subject == "" &&
		(r.class() == "22" || r.Code == "42804" || r.Code == "42846" || r.Code == "42883")
}

// Cause explains a report whose message does not name its cause; else it is empty.
func (r ServerError) Cause() string {
	if r.Code == "42P05" || r.Code == "26000" {
		return "the session is not the one that the driver prepared statements in, as behind a transaction pooler: " +
			"choose a mode that works there, see Poolers in docs/postgres.md: "
	}
	return ""
}

// endsConnection recognises reports that come instead of a statement's reply
// and so leave its outcome open: connection exceptions, statement completion
// unknown, shutdowns, and the timeouts that end a session, none of which proves
// that nothing was applied. They are recognised by their code as well as by
// their severity, since some drivers only know the latter in the server's
// language.
func (r ServerError) endsConnection() bool {
	return r.class() == "08" ||
		slices.Contains([]string{"40003", "57P01", "57P02", "57P03", "57P05", "25P03", "25P04"}, r.Code)
}

// isOfServer reports whether the server was in trouble while it ran code of the
// host's: resources, the system, or another server that the code talks to. An
// error that the code raised on purpose is the host's, whatever SQLSTATE it has.
func (r ServerError) isOfServer() bool {
	return r.Routine != "exec_stmt_raise" && slices.Contains([]string{"08", "53", "57", "58", "XX"}, r.class())
}

// isStalePlan recognises a prepared statement that DDL has outdated. The driver
// prepares it anew.
func (r ServerError) isStalePlan() bool {
	return r.Code == "0A000" && (r.Routine == "RevalidateCachedQuery" ||
		r.Routine == "" && r.Message == "cached plan must not change result type")
}

// isRewritten recognises a statement that can't run as it is because a rewrite
// rule of the table would put another one in its place.
func (r ServerError) isRewritten() bool { return r.Code == "0A000" && r.Routine == "RewriteQuery" }

// isMoved recognises a row that a trigger would put into another partition.
func (r ServerError) isMoved() bool {
	return r.Code == "0A000" && (r.Routine == "ExecBRInsertTriggers" || r.Routine == "ExecBRUpdateTriggers")
}
