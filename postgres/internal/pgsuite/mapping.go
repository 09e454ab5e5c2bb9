package pgsuite

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/conformance"
	"github.com/assignment-go/assignment/postgres/internal/guard"
	"github.com/assignment-go/assignment/postgres/internal/sqltext"
	"github.com/assignment-go/assignment/postgres/schema"
)

// Mapping is an existing table of a host and how it is mapped.
type Mapping struct {
	// Name names the test.
	Name string
	// DDL creates the table.
	DDL string
	// Guard creates the index; empty means as the SDK does.
	Guard string
	// Table is the mapping.
	Table schema.Table
	// Harness has what the suite must know about it. Its only policy by default
	// is the usual one: what depends on it is the same for every table.
	Harness conformance.Harness
}

// MappedOpener opens a store on the mapped table.
type MappedOpener func(ctx context.Context, dsn string, policy assignment.Policy, t schema.Table) (Handle, error)

// Mapped gives every rule such a table, empty, to itself.
func Mapped(tb testing.TB, m Mapping, open MappedOpener) conformance.Harness {
	tb.Helper()
	onTable := func(ctx context.Context, dsn string, policy assignment.Policy) (Handle, error) {
		return open(ctx, dsn, policy, m.Table)
	}
	h := conformance.Harness{Open: newBackends(tb, tableSpec{mapping: m.Table, ddl: m.ddl, open: onTable, plant: m.plant}).Open}
	h.Absent, h.TimePrecision, h.Policies = m.Harness.Absent, m.Harness.TimePrecision, m.Harness.Policies
	if h.Policies == nil {
		h.Policies = []assignment.Policy{{}}
	}
	h.NewID, h.NewKey = m.Harness.NewID, m.Harness.NewKey
	h.Quick = true // the races are those of the table of the migrations
	return h
}

// Create creates the table and its guard.
func (m Mapping) Create(ctx context.Context, dsn string, policy assignment.Policy) error {
	ddl, err := m.ddl(policy)
	if err != nil {
		return err
	}
	return execute(ctx, dsn, ddl)
}

func (m Mapping) ddl(policy assignment.Policy) (string, error) {
	table, err := guard.Configured(&m.Table)
	if err != nil {
		return "", err
	}
	index := m.Guard
	if index == "" {
		index = schema.GuardSQL(table, policy.Lifecycle)
	}
	return m.DDL + ";" + index, nil
}

// plant leaves the conversion of every value to the server.
func (m Mapping) plant(ctx context.Context, conn *pgx.Conn, a assignment.Assignment) error {
	table, err := guard.Configured(&m.Table)
	if err != nil {
		return err
	}
	metadata, err := json.Marshal(a.Metadata)
	if err != nil {
		return err
	}
	c := table.Columns
	columns := []struct{ name, value string }{
		{c.ID, string(a.ID)},
		{c.AssigneeID, a.Key.AssigneeID},
		{c.SubjectID, a.Key.SubjectID},
		{c.Status, string(a.Status)},
		{c.AssignedBy, a.AssignedBy},
		{c.AccountID, a.AccountID},
		{c.DueAt, literalTime(a.DueAt)},
		{c.CreatedAt, literalTime(a.CreatedAt)},
		{c.UpdatedAt, literalTime(a.UpdatedAt)},
		{c.CompletedAt, literalTime(a.CompletedAt)},
		{c.Version, strconv.FormatInt(a.Version, 10)},
		{c.Metadata, string(metadata)},
	}
	var names, values []string
	for _, column := range columns {
		if column.name != "" && column.value != "" {
			names, values = append(names, sqltext.Quote(column.name)), append(values, sqltext.Literal(column.value))
		}
	}
	return executeOn(ctx, conn, fmt.Sprintf("INSERT INTO %s (%s) OVERRIDING SYSTEM VALUE VALUES (%s)",
		table, strings.Join(names, ", "), strings.Join(values, ", ")))
}

func literalTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

func execute(ctx context.Context, dsn, statements string) error {
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	return errors.Join(executeOn(ctx, conn, statements), conn.Close(ctx))
}

func executeOn(ctx context.Context, conn *pgx.Conn, statements string) error {
	_, err := conn.PgConn().Exec(ctx, statements).ReadAll()
	return err
}

// Numbers are keys for columns of an integer type.
func numbers(n int) assignment.Key {
	return assignment.Key{AssigneeID: strconv.Itoa(1000 + n), SubjectID: strconv.Itoa(5_000_000 + n)}
}

// unusedNumber is an ID that no sequence has come to.
func unusedNumber(n int) assignment.ID { return assignment.ID(strconv.FormatInt(1<<40+int64(n), 10)) }

// uuidOf makes UUIDs in no particular order.
func uuidOf(n int) string {
	return fmt.Sprintf("%08x-0000-4000-8000-%012x", int64(n)*2_654_435_761%(1<<32), n)
}

func uuids(n int) assignment.Key {
	return assignment.Key{AssigneeID: uuidOf(2 * n), SubjectID: uuidOf(2*n + 1)}
}

func absent(reason string, abilities ...conformance.Ability) []conformance.Absence {
	all := make([]conformance.Absence, len(abilities))
	for i, ability := range abilities {
		all[i] = conformance.Absence{Ability: ability, Reason: reason}
	}
	return all
}

// CheckThenCreate is the table of a service that checked and then created, with the index that fixed it.
func CheckThenCreate() Mapping {
	return Mapping{
		Name: "the_incidents_table",
		DDL: `CREATE TABLE "assignments" (
  "id" text NOT NULL, "counselor_id" text NOT NULL, "scenario_id" text NOT NULL,
  "assigned_by" text, "account_id" text, "due_date" timestamp(3) without time zone,
  "status" text NOT NULL DEFAULT 'pending',
  CONSTRAINT "assignments_pkey" PRIMARY KEY ("id"))`,
		Guard: `CREATE UNIQUE INDEX "unique_active_assignment" ON "assignments" ` +
			`("counselor_id", "scenario_id") WHERE "status" != 'completed'`,
		Table: schema.Table{Columns: schema.Columns{
			ID: "id", AssigneeID: "counselor_id", SubjectID: "scenario_id", Status: "status",
			AssignedBy: "assigned_by", AccountID: "account_id", DueAt: "due_date",
		}},
		Harness: conformance.Harness{
			Policies:      []assignment.Policy{{Lifecycle: assignment.CompletedOnlyLifecycle()}},
			TimePrecision: time.Millisecond,
			Absent: absent("the table has no such column", conformance.AbilityIfVersion, conformance.AbilityMetadata,
				conformance.AbilityCreatedAt, conformance.AbilityUpdatedAt, conformance.AbilityCompletedAt, conformance.AbilityRequest),
		},
	}
}

// UUIDs is a table whose IDs and keys are of type uuid.
func UUIDs() Mapping {
	return Mapping{
		Name: "uuid_ids_and_keys",
		DDL: `CREATE TABLE assignments (
  id uuid PRIMARY KEY, assignee_id uuid NOT NULL, subject_id uuid NOT NULL, status text NOT NULL,
  assigned_by text, account_id text, due_at timestamptz, created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL, completed_at timestamptz, version bigint NOT NULL, metadata jsonb, request text)`,
		Harness: conformance.Harness{
			NewID:  func(n int) assignment.ID { return assignment.ID(uuidOf(n)) },
			NewKey: uuids,
		},
	}
}

// Identity is a table whose IDs the database makes, under names that Go and SQL
// would rather not have, with a column of the host's own.
func Identity() Mapping {
	return Mapping{
		Name: "bigint_keys_and_identity_ids",
		DDL: `CREATE TABLE "Work Items" (
  "No" bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "order" bigint NOT NULL, "user" bigint NOT NULL, "select" text NOT NULL,
  by text, account_id text, due timestamptz, id timestamptz NOT NULL, "updatedAt" timestamptz NOT NULL,
  created_at timestamptz, version bigint NOT NULL DEFAULT 1, meta jsonb, tenant integer NOT NULL DEFAULT 0)`,
		Table: schema.Table{
			Name: "Work Items", DatabaseIDs: true,
			Columns: schema.Columns{
				ID: "No", AssigneeID: "user", SubjectID: "order", Status: "select", AssignedBy: "by", AccountID: "account_id",
				DueAt: "due", CreatedAt: "id", UpdatedAt: "updatedAt", CompletedAt: "created_at", Version: "version", Metadata: "meta",
			},
			Extra: []schema.Extra{{Column: "tenant", Value: func(assignment.Assignment) (any, error) { return "7", nil }}},
		},
		Harness: conformance.Harness{
			NewID: unusedNumber, NewKey: numbers,
			Absent: absent("the database makes the IDs, by which no request can be recognised",
				conformance.AbilityClientIDs, conformance.AbilityRequest),
		},
	}
}

// Enum is a table whose status is an enum, to which the policy matters.
func Enum() Mapping {
	return Mapping{
		Name: "enum_status",
		DDL: `CREATE TYPE "Assignment Status" AS ENUM
  ('pending', 'in_progress', 'completed', 'cancelled', 'open', 'in review', 'wont do', 'Done', 'snoozed');
CREATE TABLE assignments (
  id text COLLATE "C" PRIMARY KEY, assignee_id text NOT NULL, subject_id text NOT NULL, status "Assignment Status" NOT NULL,
  assigned_by text, account_id text, due_at timestamptz, created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL, completed_at timestamptz, version bigint NOT NULL, metadata jsonb, request text)`,
		Harness: conformance.Harness{Policies: []assignment.Policy{
			{}, {Lifecycle: assignment.CompletedOnlyLifecycle()}, {Lifecycle: conformance.ReviewLifecycle()},
		}},
	}
}

// Partitioned is a table in which no index can make the ID alone unique.
func Partitioned() Mapping {
	return Mapping{
		Name: "hash_partitions",
		DDL: `CREATE TABLE assignments (
  id text NOT NULL, assignee_id text NOT NULL, subject_id text NOT NULL, status text NOT NULL,
  assigned_by text, account_id text, due_at timestamptz, created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL, completed_at timestamptz, version bigint NOT NULL, metadata jsonb, request text,
  PRIMARY KEY (id, assignee_id)) PARTITION BY HASH (assignee_id);
CREATE TABLE assignments_0 PARTITION OF assignments FOR VALUES WITH (MODULUS 3, REMAINDER 0);
CREATE TABLE assignments_1 PARTITION OF assignments FOR VALUES WITH (MODULUS 3, REMAINDER 1);
CREATE TABLE assignments_2 PARTITION OF assignments FOR VALUES WITH (MODULUS 3, REMAINDER 2)`,
	}
}

// OtherTypes is a table of types that keep the same, only otherwise.
func OtherTypes() Mapping {
	return Mapping{
		Name: "times_without_zone_and_other_types",
		DDL: `CREATE TABLE assignments (
  id varchar(255) PRIMARY KEY, assignee_id varchar NOT NULL, subject_id varchar(255) NOT NULL, status varchar(20) NOT NULL,
  assigned_by varchar, account_id varchar(255), due_at timestamp(3), created_at timestamp(3),
  updated_at timestamptz(3) NOT NULL, completed_at timestamp(3), version integer, metadata json, request varchar(22))`,
		Harness: conformance.Harness{TimePrecision: time.Millisecond},
	}
}
