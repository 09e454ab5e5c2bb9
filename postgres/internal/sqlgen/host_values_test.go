package sqlgen_test

import (
	"errors"
	"testing"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/guard"
	"github.com/assignment-go/assignment/postgres/internal/pgdb"
	"github.com/assignment-go/assignment/postgres/internal/sqlgen"
	"github.com/assignment-go/assignment/postgres/schema"
)

// hosted is a table with columns of the host's own and their values.
func hosted(values map[string]any, types ...guard.Column) table {
	t := defaultTable(&guard.Catalog{Kind: "r", Columns: types})
	for _, column := range types {
		t.report.Table.Extra = append(t.report.Table.Extra, schema.Extra{
			Column: column.Name, Value: func(assignment.Assignment) (any, error) { return values[column.Name], nil },
		})
	}
	return t
}

// failed is the failure of an insert into the table.
func failed(t *testing.T, table table, err error) *sqlgen.HostValuesError {
	t.Helper()
	failure, ok := errors.AsType[*sqlgen.HostValuesError](table.statements().InsertOne.WithHostValues(table.encode(t, unchanged), err))
	if !ok {
		t.Fatal("the failure has no values of the host")
	}
	return failure
}

func TestHostValues(t *testing.T) {
	failure := errors.New("failed")
	tenant := guard.Column{Name: "tenant", Cast: "int4"}
	region := guard.Column{Name: "region", Cast: `"public"."region"`}
	both := hosted(map[string]any{"tenant": 5, "region": "eu"}, tenant, region)
	t.Run("without_columns_of_the_host_the_failure_is_as_it_was", func(t *testing.T) {
		table := defaultTable(nil)
		if err := table.statements().InsertOne.WithHostValues(table.encode(t, unchanged), failure); err != failure { //nolint:errorlint // the same
			t.Errorf("got %v", err)
		}
	})
	t.Run("success_is_no_failure", func(t *testing.T) {
		if err := both.statements().InsertOne.WithHostValues(both.encode(t, unchanged), nil); err != nil {
			t.Error(err)
		}
	})
	t.Run("the_failure_is_wrapped", func(t *testing.T) {
		if err := failed(t, both, failure); !errors.Is(err, failure) || err.Error() != "failed" {
			t.Errorf("got %v", err)
		}
	})
	t.Run("the_only_column_is_at_fault", func(t *testing.T) {
		wantColumn(t, failed(t, hosted(map[string]any{"tenant": 5}, tenant), failure), pgdb.ServerError{}, "tenant")
	})
	t.Run("a_parameter_that_the_driver_names_is_at_fault", func(t *testing.T) {
		wantColumn(t, failed(t, both, pgdb.InClient(failure, 11)), pgdb.ServerError{}, "region")
	})
	t.Run("a_parameter_that_the_server_names_is_at_fault", func(t *testing.T) {
		wantColumn(t, failed(t, both, failure), pgdb.ServerError{Where: "unnamed portal parameter $10"}, "tenant")
	})
	t.Run("a_column_that_the_message_names_is_at_fault", func(t *testing.T) {
		wantColumn(t, failed(t, both, failure), pgdb.ServerError{Message: `column "region" is of another type`}, "region")
	})
	t.Run("a_type_that_the_message_names_is_at_fault", func(t *testing.T) {
		wantColumn(t, failed(t, both, failure), pgdb.ServerError{Message: `invalid input syntax for type integer: "x"`}, "tenant")
	})
	t.Run("a_value_that_not_every_driver_encodes_is_at_fault", func(t *testing.T) {
		table := hosted(map[string]any{"tenant": struct{}{}, "region": "eu"}, tenant, region)
		wantColumn(t, failed(t, table, failure), pgdb.ServerError{}, "tenant")
	})
	t.Run("otherwise_it_is_unknown", func(t *testing.T) {
		wantColumn(t, failed(t, both, failure), pgdb.ServerError{Message: "failed"}, "")
	})
}

func wantColumn(t *testing.T, failure *sqlgen.HostValuesError, report pgdb.ServerError, want string) {
	t.Helper()
	if got := failure.Column(report); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
