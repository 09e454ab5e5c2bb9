package engine

import (
	"errors"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/assignment-go/assignment"
)

// inTrigger is the context of an error that code of the host's raised.
const inTrigger = `PL/pgSQL function f() line 1 at SQL statement`

// reports has every SQLSTATE that docs/postgres.md names.
var reports = []struct {
	name   string
	report ServerError
	want   meaning
}{
	{"unique violation", ServerError{Code: "23505"}, meaning{fault: faultViolation, sentinel: assignment.ErrInvalid}},
	{"serialization failure", ServerError{Code: "40001"}, meaning{fault: faultSerialization}},
	{"deadlock", ServerError{Code: "40P01"}, meaning{fault: faultSerialization}},
	{
		"deadlock while it waited", ServerError{Code: "40P01", Where: `while inserting index tuple (0,1) in relation "a"`},
		meaning{fault: faultSerialization},
	},
	{"serialization failure in a trigger", ServerError{Code: "40001", Where: inTrigger}, meaning{fault: faultSerialization}},
	{"lock timeout", ServerError{Code: "55P03"}, refusedAs(assignment.ErrContended)},
	{"lock timeout in a trigger", ServerError{Code: "55P03", Where: inTrigger}, refusedAs(assignment.ErrContended)},
	{"statement timeout", ServerError{Code: "57014"}, refusedAs(assignment.ErrContended)},
	{"statement timeout in a trigger", ServerError{Code: "57014", Where: inTrigger}, refusedAs(assignment.ErrContended)},

	{"no index", ServerError{Code: "42P10"}, unguardedBy(assignment.GuardMissing)},
	{"no table", ServerError{Code: "42P01"}, unguardedBy(assignment.GuardNoTable)},
	{"no schema", ServerError{Code: "3F000"}, unguardedBy(assignment.GuardNoTable)},
	{"no column", ServerError{Code: "42703"}, unguardedBy(assignment.GuardNoColumn)},
	{"no index, in a trigger", ServerError{Code: "42P10", Where: inTrigger}, refusedAs(assignment.ErrInvalid)},
	{"no table, in a trigger", ServerError{Code: "42P01", Where: inTrigger}, refusedAs(assignment.ErrInvalid)},
	{"no schema, in a trigger", ServerError{Code: "3F000", Where: inTrigger}, refusedAs(assignment.ErrInvalid)},
	{"no column, in a trigger", ServerError{Code: "42703", Where: inTrigger}, refusedAs(assignment.ErrInvalid)},
	{
		"no index, with parameters logged",
		ServerError{Code: "42P10", Where: "unnamed portal with parameters: $1 = 'a', $2 = 'PL/pgSQL function \"f\"'"},
		unguardedBy(assignment.GuardMissing),
	},
	{
		"a unique violation, with parameters logged in German",
		ServerError{Code: "23505", Where: "unbenanntes Portal mit Parametern: $1 = 'a'"},
		meaning{fault: faultViolation, sentinel: assignment.ErrInvalid},
	},
	{
		"a unique violation in a trigger, with parameters logged",
		ServerError{Code: "23505", Where: inTrigger + "\nunnamed portal with parameters: $1 = 'a'"},
		refusedAs(assignment.ErrInvalid),
	},
	{
		"a parameter that can't be read",
		ServerError{Code: "42P10", Where: "unnamed portal parameter $12"},
		unguardedBy(assignment.GuardMissing),
	},
	{
		"a function that is named like a parameter",
		ServerError{Code: "42P10", Where: "PL/pgSQL function f$1() line 1 at RAISE"},
		refusedAs(assignment.ErrInvalid),
	},
	{
		"a statement of a function that has parameters, too",
		ServerError{Code: "23505", Where: `SQL statement "INSERT INTO audit SELECT 1 WHERE $1 = 2"`},
		refusedAs(assignment.ErrInvalid),
	},

	{"stale plan", ServerError{Code: "0A000", Routine: "RevalidateCachedQuery"}, meaning{fault: faultOutdated, sentinel: assignment.ErrUnavailable}},
	{"stale plan without a routine", ServerError{Code: "0A000", Message: "cached plan must not change result type"}, meaning{fault: faultOutdated, sentinel: assignment.ErrUnavailable}},
	{"unsupported by the server", ServerError{Code: "0A000", Routine: "ExecInitPartitionInfo"}, refusedAs(assignment.ErrUnavailable)},
	{"unsupported, in a trigger", ServerError{Code: "0A000", Where: inTrigger}, refusedAs(assignment.ErrInvalid)},

	{
		"a statement that undid itself",
		ServerError{Code: "22P02", Message: `invalid input syntax for type integer: "` + undoMarker + `INSERT:Status;"`},
		refusedAs(assignment.ErrInvalid),
	},
	{"value out of range", ServerError{Code: "22003"}, refusedAs(assignment.ErrInvalid)},
	{"division by zero in a trigger", ServerError{Code: "22012", Where: inTrigger}, refusedAs(assignment.ErrInvalid)},
	{"foreign key", ServerError{Code: "23503", Subject: "fk"}, refusedAs(assignment.ErrInvalid)},
	{"check option of a view", ServerError{Code: "44000"}, refusedAs(assignment.ErrInvalid)},
	{"a trigger that updates its own row", ServerError{Code: "27000", Routine: "ExecUpdate"}, refusedAs(assignment.ErrInvalid)},
	{"index row too large", ServerError{Code: "54000", Subject: "wide"}, refusedAs(assignment.ErrInvalid)},
	{"RAISE", ServerError{Code: "P0001", Where: inTrigger}, refusedAs(assignment.ErrInvalid)},
	{"RAISE of a language without a context", ServerError{Code: "P0001"}, refusedAs(assignment.ErrInvalid)},
	{"a SQLSTATE of the host's own", ServerError{Code: "UE001", Where: inTrigger}, refusedAs(assignment.ErrInvalid)},

	{"row-level security", ServerError{Code: "42501", Routine: "ExecWithCheckOptions"}, refusedAs(assignment.ErrInvalid)},
	{"no privilege", ServerError{Code: "42501", Routine: "aclcheck_error"}, refusedAs(assignment.ErrUnavailable)},
	{"no privilege, in a trigger", ServerError{Code: "42501", Where: inTrigger, Routine: "aclcheck_error"}, refusedAs(assignment.ErrInvalid)},
	{"type of a value", ServerError{Code: "42804"}, refusedAs(assignment.ErrUnavailable)},
	{"cast of a value", ServerError{Code: "42846"}, refusedAs(assignment.ErrUnavailable)},
	{"operator for a value", ServerError{Code: "42883"}, refusedAs(assignment.ErrUnavailable)},

	{"disk full", ServerError{Code: "53100"}, refusedAs(assignment.ErrUnavailable)},
	{"disk full, in a trigger", ServerError{Code: "53100", Where: inTrigger, Routine: "mdextend"}, refusedAs(assignment.ErrUnavailable)},
	{"foreign server unreachable, in a trigger", ServerError{Code: "08001", Where: inTrigger, Routine: "connect_pg_server"}, refusedAs(assignment.ErrUnavailable)},
	{"the same raised on purpose", ServerError{Code: "08001", Where: inTrigger, Routine: "exec_stmt_raise"}, refusedAs(assignment.ErrInvalid)},
	{"I/O error, in a trigger", ServerError{Code: "58030", Where: inTrigger}, refusedAs(assignment.ErrUnavailable)},
	{"internal error, in a trigger", ServerError{Code: "XX000", Where: inTrigger}, refusedAs(assignment.ErrUnavailable)},
	{"read-only", ServerError{Code: "25006"}, refusedAs(assignment.ErrUnavailable)},
	{"aborted transaction", ServerError{Code: "25P02"}, refusedAs(assignment.ErrRetryTransaction)},

	{"connection failure", ServerError{Code: "08006"}, meaning{fault: faultLost}},
	{"statement completion unknown", ServerError{Code: "40003"}, meaning{fault: faultLost}},
	{"administrator", ServerError{Code: "57P01", Fatal: true}, meaning{fault: faultLost}},
	{"administrator, in words that are not read", ServerError{Code: "57P01"}, meaning{fault: faultLost}},
	{"administrator, while a trigger ran", ServerError{Code: "57P01", Fatal: true, Where: inTrigger}, meaning{fault: faultLost}},
	{"crash", ServerError{Code: "57P02"}, meaning{fault: faultLost}},
	{"starting up", ServerError{Code: "57P03"}, meaning{fault: faultLost}},
	{"idle session", ServerError{Code: "57P05"}, meaning{fault: faultLost}},
	{"idle in transaction", ServerError{Code: "25P03"}, meaning{fault: faultLost}},
	{"transaction timeout", ServerError{Code: "25P04"}, meaning{fault: faultLost}},
	{"conflict with recovery", ServerError{Code: "40001", Fatal: true}, meaning{fault: faultLost}},
	{"no code at all", ServerError{}, refusedAs(assignment.ErrUnavailable)},
}

func TestMeaning(t *testing.T) {
	for _, test := range reports {
		t.Run(test.name, func(t *testing.T) {
			got := meaningOf(test.report)
			if got.fault != test.want.fault || !errors.Is(got.sentinel, test.want.sentinel) || got.problem != test.want.problem {
				t.Errorf("%+v: got %s, %v %v, want %s, %v %v", test.report,
					faultNames[got.fault], got.sentinel, got.problem, faultNames[test.want.fault], test.want.sentinel, test.want.problem)
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
