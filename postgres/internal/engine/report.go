package engine

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/assignment-go/assignment"
)

// meaning is what a report of the server says about the statement that it ended.
type meaning struct {
	fault fault
	// sentinel is what the caller is told when the report ends the call. It is nil
	// where that depends on whose transaction was under way.
	sentinel error
	// problem goes with ErrUnguarded.
	problem assignment.GuardProblem
}

func refusedAs(sentinel error) meaning { return meaning{fault: faultRefused, sentinel: sentinel} }

func unguardedBy(problem assignment.GuardProblem) meaning {
	return meaning{fault: faultRefused, sentinel: assignment.ErrUnguarded, problem: problem}
}

// meaningOf reads a report. The table in docs/postgres.md says the same in prose.
//
// Code of the host's can raise any SQLSTATE, so that one which would say
// something about our statement says nothing of the kind when it comes from
// there: a trigger that divides by zero is not a replace that undid itself, and
// one whose own SQL names a column that is gone has no bearing on the guard.
func meaningOf(r ServerError) meaning {
	ofHost := r.raisedByHost()
	switch {
	case r.Fatal, !ofHost && endsConnection(r.Code):
		return meaning{fault: faultLost}
	case r.Code == "40001", r.Code == "40P01":
		return meaning{fault: faultSerialization}
	case r.Code == "55P03", r.Code == "57014":
		return refusedAs(assignment.ErrContended)
	case ofHost && r.isOfServer():
		return refusedAs(assignment.ErrUnavailable)
	case ofHost, r.isPolicy():
		return refusedAs(assignment.ErrInvalid)
	default:
		return meaningOfOwn(r)
	}
}

// meaningOfOwn reads a report that no code of the host's had a part in.
func meaningOfOwn(r ServerError) meaning {
	switch {
	case r.isUnreplaced():
		return meaning{fault: faultOutdated, sentinel: assignment.ErrContended}
	case r.isRuled():
		return unguardedBy(assignment.GuardRewriteRule)
	case r.isMoved():
		return refusedAs(assignment.ErrInvalid)
	}
	switch r.Code {
	case "23505":
		return meaning{fault: faultViolation, sentinel: assignment.ErrInvalid}
	case "25P02":
		return refusedAs(assignment.ErrRetryTransaction)
	case "42P10":
		return unguardedBy(assignment.GuardMissing)
	case "42P01", "3F000":
		return unguardedBy(assignment.GuardNoTable)
	case "42703":
		return unguardedBy(assignment.GuardNoColumn)
	}
	switch {
	case r.isStalePlan():
		return meaning{fault: faultOutdated, sentinel: assignment.ErrUnavailable}
	case slices.Contains([]string{"22", "23", "27", "44", "54", "P0"}, r.class()):
		return refusedAs(assignment.ErrInvalid)
	default:
		return refusedAs(assignment.ErrUnavailable)
	}
}

func (r ServerError) class() string { return r.Code[:min(2, len(r.Code))] }

// endsConnection recognises reports that come instead of a statement's reply
// and so say nothing about it: connection exceptions, statement completion
// unknown, shutdowns, and the timeouts that end a session, none of which proves
// that nothing was applied. They are recognised by their code as well as by
// their severity, since some drivers only know the latter in the server's
// language.
func endsConnection(code string) bool {
	return strings.HasPrefix(code, "08") ||
		slices.Contains([]string{"40003", "57P01", "57P02", "57P03", "57P05", "25P03", "25P04"}, code)
}

// raisedByHost reports whether the error came from a function or trigger. What
// the server itself fails at has no context, but for waits and the parameters of
// the statement.
func (r ServerError) raisedByHost() bool {
	return r.Where != "" && !aboutParameters.MatchString(r.Where)
}

// aboutParameters recognises "unnamed portal parameter $3", which could not be
// read, and "unnamed portal with parameters: $1 = …", which is added where
// log_parameter_max_length_on_error is set; in any language. The innermost
// context is then no statement or function, whose texts are quoted.
var aboutParameters = regexp.MustCompile(`^([^"\n$]*)\$(\d+)(?: = |\n|$)`)

// parameter is the number of the parameter that the server could not read; zero
// when it was not about one.
func (r ServerError) parameter() int {
	match := aboutParameters.FindStringSubmatch(r.Where)
	if len(match) == 0 || strings.HasSuffix(match[1], ": ") {
		return 0
	}
	n, _ := strconv.Atoi(match[2])
	return n
}

// isOfServer reports whether the server was in trouble while it ran code of the
// host's: resources, the system, or another server that the code talks to. An
// error that the code raised on purpose is its own, whatever SQLSTATE it has.
func (r ServerError) isOfServer() bool {
	return r.Routine != "exec_stmt_raise" && slices.Contains([]string{"08", "53", "57", "58", "XX"}, r.class())
}

// isPolicy recognises a row that row-level security does not let in. A missing
// privilege has the same SQLSTATE.
func (r ServerError) isPolicy() bool { return r.Routine == "ExecWithCheckOptions" }

// cause is what the report is a symptom of, where its words don't tell.
func (r ServerError) cause() string {
	if r.Code == "42P05" || r.Code == "26000" {
		return "the session is not the one that the driver prepared statements in, as behind a transaction pooler: " +
			"choose a mode that works there, see Poolers in docs/postgres.md: "
	}
	return ""
}

// isStalePlan recognises a prepared statement that DDL has outdated. The driver
// prepares it anew.
func (r ServerError) isStalePlan() bool {
	return r.Code == "0A000" && (r.Routine == "RevalidateCachedQuery" ||
		r.Routine == "" && r.Message == "cached plan must not change result type")
}
