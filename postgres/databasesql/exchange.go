package databasesql

import (
	"database/sql"
	"database/sql/driver"
	"errors"
	"reflect"
	"strconv"
	"time"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/pgdb"
)

// inOneExchange returns the statement and its arguments in the form that makes
// them one message to the server.
//
// A driver that sends the statement first and its parameters later does harm
// behind a transaction pooler: on the server that gets the parameters, the
// unnamed statement can be that of another client, which then runs without any
// error. lib/pq does so unless its DSN has binary_parameters=yes, and pgx/stdlib
// in the mode describe_exec.
func inOneExchange(conn *sql.Conn, query string, args []any) (string, []any, error) {
	var failure error
	err := conn.Raw(func(conn any) error {
		var err error
		switch w := wireOf(reflect.ValueOf(conn), maxWrappers); {
		case !sendsWhole(conn):
			err = pgdb.Unusable("has a driver whose %T implements no driver.QueryerContext or no driver.ExecerContext, "+
				"so that database/sql prepares every statement apart from running it; behind a transaction pooler those of "+
				"others would run", conn)
		case w.mode != nil:
			args, err = withMode(conn, w.mode, args)
		case w.literals && len(args) > 0:
			query, err = withLiterals(conn, query, args)
			args = nil
		}
		failure = err
		return nil
	})
	if failure != nil {
		parameter, _ := parameterIn(failure)
		return "", nil, pgdb.InClient(failure, parameter)
	}
	return query, args, pgdb.NotSent(err)
}

// sendsWhole reports whether database/sql leaves statements to the connection,
// instead of preparing them first.
func sendsWhole(conn any) bool {
	_, queries := conn.(driver.QueryerContext)
	_, executes := conn.(driver.ExecerContext)
	return queries && executes
}

// withMode puts the mode in front of the arguments, where pgx looks for it.
func withMode(conn, mode any, args []any) ([]any, error) {
	named := driver.NamedValue{Ordinal: 1, Value: mode}
	checker, ok := conn.(driver.NamedValueChecker)
	if !ok || checker.CheckNamedValue(&named) != nil || named.Value != mode {
		return nil, pgdb.Unusable("is pgx in the mode describe_exec within a driver that lets no other mode through, " +
			"and would run statements of others behind a transaction pooler: set default_query_exec_mode to another mode")
	}
	return append([]any{mode}, args...), nil
}

// withLiterals writes the arguments into the statement, so that nothing has to
// be sent apart.
func withLiterals(conn any, query string, args []any) (string, error) {
	values := make([]driver.Value, len(args))
	for i, arg := range args {
		value, err := valueOf(conn, i, arg)
		if err != nil {
			return "", &assignment.InvalidError{Field: parameter(i), Reason: "can't be encoded: " + err.Error()}
		}
		values[i] = value
	}
	return inline(query, values)
}

// valueOf turns an argument into what database/sql would give the driver.
func valueOf(conn any, i int, arg any) (driver.Value, error) {
	switch arg.(type) {
	case nil, string, int64, time.Time:
		return arg, nil
	}
	if checker, ok := conn.(driver.NamedValueChecker); ok {
		named := driver.NamedValue{Ordinal: i + 1, Value: arg}
		if err := checker.CheckNamedValue(&named); err == nil {
			arg = named.Value
		} else if !errors.Is(err, driver.ErrSkip) {
			return nil, err
		}
	}
	return driver.DefaultParameterConverter.ConvertValue(arg)
}

func parameter(i int) string { return "parameter $" + strconv.Itoa(i+1) }
