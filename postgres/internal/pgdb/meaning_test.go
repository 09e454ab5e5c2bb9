package pgdb_test

import (
	"errors"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/pgdb"
	"github.com/assignment-go/assignment/postgres/schema"
)

// inTrigger is the context of an error that code of the host's raised.
const inTrigger = `PL/pgSQL function f() line 1 at SQL statement`

func rejectedAs(sentinel error) pgdb.Meaning {
	return pgdb.Meaning{Fault: pgdb.FaultRejected, Sentinel: sentinel}
}

func unguardedBy(problem assignment.GuardProblem) pgdb.Meaning {
	return pgdb.Meaning{Fault: pgdb.FaultRejected, Sentinel: assignment.ErrUnguarded, Problem: problem}
}

// reports has every SQLSTATE that docs/postgres.md names.
var reports = []struct {
	name   string
	report pgdb.ServerError
	want   pgdb.Meaning
}{
	{"unique violation", pgdb.ServerError{Code: "23505"}, pgdb.Meaning{Fault: pgdb.FaultViolation, Sentinel: assignment.ErrInvalid}},
	{"serialization failure", pgdb.ServerError{Code: "40001"}, pgdb.Meaning{Fault: pgdb.FaultSerialization}},
	{"deadlock", pgdb.ServerError{Code: "40P01"}, pgdb.Meaning{Fault: pgdb.FaultSerialization}},
	{
		"deadlock while it waited", pgdb.ServerError{Code: "40P01", Where: `while inserting index tuple (0,1) in relation "a"`},
		pgdb.Meaning{Fault: pgdb.FaultSerialization},
	},
	{"serialization failure in a trigger", pgdb.ServerError{Code: "40001", Where: inTrigger}, pgdb.Meaning{Fault: pgdb.FaultSerialization}},
	{"lock timeout", pgdb.ServerError{Code: "55P03"}, rejectedAs(assignment.ErrContended)},
	{"lock timeout in a trigger", pgdb.ServerError{Code: "55P03", Where: inTrigger}, rejectedAs(assignment.ErrContended)},
	{"statement timeout", pgdb.ServerError{Code: "57014"}, rejectedAs(assignment.ErrContended)},
	{"statement timeout in a trigger", pgdb.ServerError{Code: "57014", Where: inTrigger}, rejectedAs(assignment.ErrContended)},

	{"no index", pgdb.ServerError{Code: "42P10"}, unguardedBy(schema.GuardMissing)},
	{"no table", pgdb.ServerError{Code: "42P01"}, unguardedBy(schema.GuardNoTable)},
	{"no schema", pgdb.ServerError{Code: "3F000"}, unguardedBy(schema.GuardNoTable)},
	{"no column", pgdb.ServerError{Code: "42703"}, unguardedBy(schema.GuardNoColumn)},
	{"no index, in a trigger", pgdb.ServerError{Code: "42P10", Where: inTrigger}, rejectedAs(assignment.ErrInvalid)},
	{"no table, in a trigger", pgdb.ServerError{Code: "42P01", Where: inTrigger}, rejectedAs(assignment.ErrInvalid)},
	{"no schema, in a trigger", pgdb.ServerError{Code: "3F000", Where: inTrigger}, rejectedAs(assignment.ErrInvalid)},
	{"no column, in a trigger", pgdb.ServerError{Code: "42703", Where: inTrigger}, rejectedAs(assignment.ErrInvalid)},
	{
		"no index, with parameters logged",
		pgdb.ServerError{Code: "42P10", Where: "unnamed portal with parameters: $1 = 'a', $2 = 'PL/pgSQL function \"f\"'"},
		unguardedBy(schema.GuardMissing),
	},
	{
		"a unique violation, with parameters logged in German",
		pgdb.ServerError{Code: "23505", Where: "unbenanntes Portal mit Parametern: $1 = 'a'"},
		pgdb.Meaning{Fault: pgdb.FaultViolation, Sentinel: assignment.ErrInvalid},
	},
	{
		"a unique violation in a trigger, with parameters logged",
		pgdb.ServerError{Code: "23505", Where: inTrigger + "\nunnamed portal with parameters: $1 = 'a'"},
		rejectedAs(assignment.ErrInvalid),
	},
	{
		"a parameter that can't be read",
		pgdb.ServerError{Code: "42P10", Where: "unnamed portal parameter $12"},
		unguardedBy(schema.GuardMissing),
	},
	{
		"a function that is named like a parameter",
		pgdb.ServerError{Code: "42P10", Where: "PL/pgSQL function f$1() line 1 at RAISE"},
		rejectedAs(assignment.ErrInvalid),
	},
	{
		"a statement of a function that has parameters, too",
		pgdb.ServerError{Code: "23505", Where: `SQL statement "INSERT INTO audit SELECT 1 WHERE $1 = 2"`},
		rejectedAs(assignment.ErrInvalid),
	},

	{"stale plan", pgdb.ServerError{Code: "0A000", Routine: "RevalidateCachedQuery"}, pgdb.Meaning{Fault: pgdb.FaultOutdated, Sentinel: assignment.ErrUnavailable}},
	{"stale plan without a routine", pgdb.ServerError{Code: "0A000", Message: "cached plan must not change result type"}, pgdb.Meaning{Fault: pgdb.FaultOutdated, Sentinel: assignment.ErrUnavailable}},
	{"unsupported by the server", pgdb.ServerError{Code: "0A000", Routine: "ExecInitPartitionInfo"}, rejectedAs(assignment.ErrUnavailable)},
	{"unsupported, in a trigger", pgdb.ServerError{Code: "0A000", Where: inTrigger}, rejectedAs(assignment.ErrInvalid)},

	{
		"a statement that undid itself",
		pgdb.ServerError{Code: "22P02", Message: `invalid input syntax for type integer: "assignment-undo:INSERT:Status;"`},
		rejectedAs(assignment.ErrInvalid),
	},
	{"value out of range", pgdb.ServerError{Code: "22003"}, rejectedAs(assignment.ErrInvalid)},
	{"division by zero in a trigger", pgdb.ServerError{Code: "22012", Where: inTrigger}, rejectedAs(assignment.ErrInvalid)},
	{"foreign key", pgdb.ServerError{Code: "23503", Subject: "fk"}, rejectedAs(assignment.ErrInvalid)},
	{"check option of a view", pgdb.ServerError{Code: "44000"}, rejectedAs(assignment.ErrInvalid)},
	{"a trigger that updates its own row", pgdb.ServerError{Code: "27000", Routine: "ExecUpdate"}, rejectedAs(assignment.ErrInvalid)},
	{"index row too large", pgdb.ServerError{Code: "54000", Subject: "wide"}, rejectedAs(assignment.ErrInvalid)},
	{"RAISE", pgdb.ServerError{Code: "P0001", Where: inTrigger}, rejectedAs(assignment.ErrInvalid)},
	{"RAISE of a language without a context", pgdb.ServerError{Code: "P0001"}, rejectedAs(assignment.ErrInvalid)},
	{"a SQLSTATE of the host's own", pgdb.ServerError{Code: "UE001", Where: inTrigger}, rejectedAs(assignment.ErrInvalid)},

	{"row-level security", pgdb.ServerError{Code: "42501", Routine: "ExecWithCheckOptions"}, rejectedAs(assignment.ErrInvalid)},
	{"no privilege", pgdb.ServerError{Code: "42501", Routine: "aclcheck_error"}, rejectedAs(assignment.ErrUnavailable)},
	{"no privilege, in a trigger", pgdb.ServerError{Code: "42501", Where: inTrigger, Routine: "aclcheck_error"}, rejectedAs(assignment.ErrInvalid)},
	{"type of a value", pgdb.ServerError{Code: "42804"}, rejectedAs(assignment.ErrUnavailable)},
	{"cast of a value", pgdb.ServerError{Code: "42846"}, rejectedAs(assignment.ErrUnavailable)},
	{"operator for a value", pgdb.ServerError{Code: "42883"}, rejectedAs(assignment.ErrUnavailable)},

	{"disk full", pgdb.ServerError{Code: "53100"}, rejectedAs(assignment.ErrUnavailable)},
	{"disk full, in a trigger", pgdb.ServerError{Code: "53100", Where: inTrigger, Routine: "mdextend"}, rejectedAs(assignment.ErrUnavailable)},
	{"foreign server unreachable, in a trigger", pgdb.ServerError{Code: "08001", Where: inTrigger, Routine: "connect_pg_server"}, rejectedAs(assignment.ErrUnavailable)},
	{"the same raised on purpose", pgdb.ServerError{Code: "08001", Where: inTrigger, Routine: "exec_stmt_raise"}, rejectedAs(assignment.ErrInvalid)},
	{"I/O error, in a trigger", pgdb.ServerError{Code: "58030", Where: inTrigger}, rejectedAs(assignment.ErrUnavailable)},
	{"internal error, in a trigger", pgdb.ServerError{Code: "XX000", Where: inTrigger}, rejectedAs(assignment.ErrUnavailable)},
	{"read-only", pgdb.ServerError{Code: "25006"}, rejectedAs(assignment.ErrUnavailable)},
	{"aborted transaction", pgdb.ServerError{Code: "25P02"}, rejectedAs(assignment.ErrRetryTransaction)},

	{"connection failure", pgdb.ServerError{Code: "08006"}, pgdb.Meaning{Fault: pgdb.FaultLost}},
	{"statement completion unknown", pgdb.ServerError{Code: "40003"}, pgdb.Meaning{Fault: pgdb.FaultLost}},
	{"administrator", pgdb.ServerError{Code: "57P01", Fatal: true}, pgdb.Meaning{Fault: pgdb.FaultLost}},
	{"administrator, in words that are not read", pgdb.ServerError{Code: "57P01"}, pgdb.Meaning{Fault: pgdb.FaultLost}},
	{"administrator, while a trigger ran", pgdb.ServerError{Code: "57P01", Fatal: true, Where: inTrigger}, pgdb.Meaning{Fault: pgdb.FaultLost}},
	{"crash", pgdb.ServerError{Code: "57P02"}, pgdb.Meaning{Fault: pgdb.FaultLost}},
	{"starting up", pgdb.ServerError{Code: "57P03"}, pgdb.Meaning{Fault: pgdb.FaultLost}},
	{"idle session", pgdb.ServerError{Code: "57P05"}, pgdb.Meaning{Fault: pgdb.FaultLost}},
	{"idle in transaction", pgdb.ServerError{Code: "25P03"}, pgdb.Meaning{Fault: pgdb.FaultLost}},
	{"transaction timeout", pgdb.ServerError{Code: "25P04"}, pgdb.Meaning{Fault: pgdb.FaultLost}},
	{"conflict with recovery", pgdb.ServerError{Code: "40001", Fatal: true}, pgdb.Meaning{Fault: pgdb.FaultLost}},
	{"no code at all", pgdb.ServerError{}, rejectedAs(assignment.ErrUnavailable)},
}

func TestMeaning(t *testing.T) {
	for _, test := range reports {
		t.Run(test.name, func(t *testing.T) {
			got := test.report.Meaning()
			if got.Fault != test.want.Fault || !errors.Is(got.Sentinel, test.want.Sentinel) || got.Problem != test.want.Problem {
				t.Errorf("%+v: got %d, %v %v, want %d, %v %v", test.report,
					got.Fault, got.Sentinel, got.Problem, test.want.Fault, test.want.Sentinel, test.want.Problem)
			}
		})
	}
}

// TestMeaningIsDocumented compares the table above with the one that users read.
func TestMeaningIsDocumented(t *testing.T) {
	docs, err := os.ReadFile("../../../docs/postgres.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, found := strings.Cut(string(docs), "## What each SQLSTATE becomes")
	if !found {
		t.Fatal("docs/postgres.md has no table of the SQLSTATEs")
	}
	var first strings.Builder // the first column of each row
	for line := range strings.Lines(table) {
		if cells := strings.Split(line, "|"); len(cells) > 2 {
			first.WriteString(cells[1] + " ")
		}
	}
	codes := regexp.MustCompile(`\b\d[0-9A-Z]{4}\b|\b[0-9A-Z]{2}…`).FindAllString(first.String(), -1)
	if len(codes) < 20 {
		t.Fatalf("found only %q", codes)
	}
	for _, code := range codes {
		class := strings.TrimSuffix(code, "…")
		tested := false
		for _, test := range reports {
			tested = tested || strings.HasPrefix(test.report.Code, class)
		}
		if !tested {
			t.Errorf("docs/postgres.md names %s, and no test does", code)
		}
	}
}
