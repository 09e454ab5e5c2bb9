package main_test

import (
	"context"
	"crypto/rand"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/internal/testdb"
	"github.com/assignment-go/assignment/postgres"
	"github.com/assignment-go/assignment/postgres/schema"
)

// shape is one of the cases with what must come out.
type shape struct {
	number, name string
	// says is what check must print.
	says []string
	// opens means that a store opens the table after the commands.
	opens bool
	// same means that the commands may write nothing at all.
	same bool
	// resolve and more are what the owner does then, as SQL or as further flags; after
	// that a store must open the table.
	resolve, more string
	// key is one that is free.
	key assignment.Key
	// extra are values for the columns that only a request knows.
	extra map[string]any
	// since is the oldest major version that has the shape.
	since int
}

const (
	freshAssignee = "00000000-0000-4000-9000-0000000000a1"
	freshSubject  = "00000000-0000-4000-8000-0000000000b1"
)

var (
	uuidKey   = assignment.Key{AssigneeID: freshAssignee, SubjectID: freshSubject}
	textKey   = assignment.Key{AssigneeID: "zoe", SubjectID: "zoology"}
	numberKey = assignment.Key{AssigneeID: "4711", SubjectID: "4712"}
)

var shapes = []shape{
	{
		number: "01", name: "business_columns_that_only_a_request_knows", says: []string{`"price_cents"`, "-extra-columns"}, same: false,
		more: "-extra-columns rider_user_id,seats_offered,price_cents", key: textKey,
		extra: map[string]any{"rider_user_id": "r1", "seats_offered": 1, "price_cents": 500},
	},
	{number: "02", name: "an_index_that_a_check_makes_equal", opens: true, same: true, key: uuidKey},
	{
		number: "04", name: "another_schema_and_columns_without_default", says: []string{`"task_queue"`, "-extra-columns"}, same: true,
		more: "-extra-columns task_queue,workflow_type,available_at", key: textKey,
		extra: map[string]any{"task_queue": "q", "workflow_type": "t", "available_at": "2026-01-01"},
	},
	{number: "05", name: "one_key_column", says: []string{"-subject-column is required"}, same: true},
	{number: "06", name: "no_status_but_an_end_time", says: []string{`"status" does not exist`}, same: true},
	{number: "07", name: "a_boolean_as_status", says: []string{`"active"`, "boolean", "text, varchar"}, same: true},
	{number: "08", name: "no_status_and_a_tenant", says: []string{`"status" does not exist`}, same: true},
	{number: "09", name: "integer_status_codes", says: []string{`"status"`, "integer", "text, varchar"}, same: true},
	{number: "11", name: "a_soft_delete", says: []string{"unique_active_committee_membership", `"is_deleted"`}, same: true},
	{number: "15", name: "partitioned_by_time", says: []string{"partitioned by", `"created_at"`, "across partitions"}, same: true},
	{number: "20", name: "a_key_of_four_columns_with_nulls", says: []string{"uniq_active_notif_template", `"channel"`, `"language"`, "-coarser-than-index"}, same: true, since: 15},
	{
		number: "21", name: "a_foreign_key_that_sets_the_key_to_null", says: []string{"allocations_employee_id_fkey", "can't be deleted"},
		resolve: `ALTER TABLE allocations ALTER employee_id SET NOT NULL`,
		key:     assignment.Key{AssigneeID: "00000000-0000-4000-9000-000000000001", SubjectID: "00000000-0000-4000-8000-000000000002"},
	},
	{number: "24", name: "a_full_unique_constraint_that_others_reference", says: []string{"enr_user_course_key", "only once", "grade_uid_cid_fkey"}, opens: true, key: textKey},
	{number: "25", name: "a_generated_status", says: []string{`"status"`, "computed by the database"}, same: true},
	{number: "27", name: "an_inheriting_table", says: []string{"assignments_2023", "inherit"}, same: true},
	{number: "29", name: "a_guard_that_says_nulls_not_distinct", opens: true, same: true, key: textKey, since: 15},
	{
		number: "32", name: "a_check_without_the_status_to_retire_to", says: []string{"tasks_status_check", "cancelled"}, same: true,
		more: "-active in_progress -terminal completed", key: numberKey,
	},
	{number: "34", name: "a_replica_identity_on_a_full_index", says: []string{"full_uq", "REPLICA IDENTITY"}, opens: true, key: textKey},
}

// TestCases takes each table from check to a store.
func TestCases(t *testing.T) {
	for _, s := range shapes {
		if !since(t, s.since) {
			continue
		}
		t.Run(s.number+"_"+s.name, func(t *testing.T) {
			c := mustCase(t, s.number)
			c.shape = s
			c.asGiven()
			if s.opens {
				c.serves()
			}
			if s.resolve == "" && s.more == "" {
				return
			}
			if s.resolve != "" {
				mustExec(t, c.pool, s.resolve)
			}
			c.flags = append(c.flags, strings.Fields(s.more)...)
			for _, command := range []string{"repair", "guard"} {
				if got := c.run(command, "-apply"); got.code != 0 {
					t.Errorf("%s after the owner has decided: %+v", command, got)
				}
			}
			c.agrees(true)
			c.keptWhatWasThere()
			c.serves()
		})
	}
}

// TestRowSecurity runs case 26 as the owner of the table, from whom the rows are
// hidden, too, and as a role that sees them.
func TestRowSecurity(t *testing.T) {
	c := mustCase(t, "26")
	hidden, err := url.Parse(c.dsn)
	if err != nil {
		t.Fatal(err)
	}
	hidden.User = url.User("case_own")
	t.Run("hidden_rows_are_never_reported_as_none", func(t *testing.T) {
		before := c.everything()
		for _, args := range [][]string{{"check"}, {"repair"}, {"repair", "-apply"}, {"guard"}, {"guard", "-apply"}, {"check"}} {
			got := assignmentCommand(t, hidden.String(), append(args, c.flags...)...)
			if got.code != 1 || !strings.Contains(got.out+got.errors, "row-level security hides rows") || strings.Contains(got.out, "run:") {
				t.Errorf("%v: %+v", args, got)
			}
		}
		if c.everything() != before {
			t.Error("something was written")
		}
	})
	t.Run("a_role_that_sees_them_can_repair_and_guard", func(t *testing.T) {
		c.t, c.shape = t, shape{key: textKey}
		for _, command := range []string{"repair", "guard"} {
			if got := c.run(command, "-apply"); got.code != 0 {
				t.Errorf("%s: %+v", command, got)
			}
		}
		c.agrees(true)
		c.serves()
	})
}

// aCase is a database with one of the tables.
type aCase struct {
	shape
	t       *testing.T
	dsn     string
	pool    *pgxpool.Pool
	flags   []string
	indexes string
	rows    int64
}

func since(t *testing.T, version int) bool {
	return version == 0 || query[int64](t, mustPool(t, testdb.DSN(t)), `SELECT current_setting('server_version_num')::bigint / 10000`) >= int64(version)
}

// mustCase makes a database of its own: some cases have schemas and roles.
func mustCase(t *testing.T, number string) *aCase {
	t.Helper()
	server := testdb.DSN(t)
	name := strings.ToLower("case_" + number + "_" + rand.Text())
	admin := mustPool(t, server)
	mustExec(t, admin, "CREATE DATABASE "+name)
	t.Cleanup(func() {
		ctx := context.Background()
		_, err := admin.Exec(ctx, "DROP DATABASE "+name+" WITH (FORCE)")
		_, roles := admin.Exec(ctx, "DROP ROLE IF EXISTS case_app; DROP ROLE IF EXISTS case_own")
		if err := errors.Join(err, roles); err != nil {
			t.Error(err)
		}
	})
	dsn, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	dsn.Path = "/" + name
	c := &aCase{t: t, dsn: dsn.String(), flags: flagsOf(t, number)}
	c.pool = mustPool(t, c.dsn)
	sql, err := os.ReadFile(filepath.Join("testdata", "cases", number+".sql"))
	if err != nil {
		t.Fatal(err)
	}
	mustExec(t, c.pool, string(sql))
	c.indexes = query[string](t, c.pool, indexesSQL)
	c.rows = query[int64](t, c.pool, "SELECT count(*) FROM "+c.table().String())
	return c
}

func flagsOf(t *testing.T, number string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "cases", number+".flags"))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(text), "|") {
		return strings.Split(string(text), "|")
	}
	return strings.Fields(string(text))
}

const (
	// indexesSQL are all indexes of the host's tables, one a line.
	indexesSQL = `SELECT COALESCE(string_agg(pg_get_indexdef(i.indexrelid) || ' ' || i.indisvalid || i.indisreplident, E'\n' ORDER BY i.indexrelid), '')
		FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE c.relnamespace::regnamespace::text IN ('public', 'kagzi') AND c.relname NOT LIKE 'assignment_repairs%'`
	// catalogSQL changes with any relation or constraint.
	catalogSQL = `SELECT concat_ws('/',
		(SELECT string_agg(concat_ws(' ', oid, xmin), ',' ORDER BY oid) FROM pg_class WHERE relnamespace::regnamespace::text IN ('public', 'kagzi')),
		(SELECT string_agg(concat_ws(' ', oid, xmin), ',' ORDER BY oid) FROM pg_constraint WHERE connamespace::regnamespace::text IN ('public', 'kagzi')))`
	tablesSQL = `SELECT COALESCE(string_agg(format('SELECT concat_ws(chr(32), max(xmin::text::bigint), count(*)) AS state FROM %s', oid::regclass), ' UNION ALL ' ORDER BY oid), 'SELECT 1::text AS state')
		FROM pg_class WHERE relkind = 'r' AND relnamespace::regnamespace::text IN ('public', 'kagzi')`
)

// everything changes with any relation, constraint or row.
func (c *aCase) everything() string {
	c.t.Helper()
	rows := query[string](c.t, c.pool, tablesSQL)
	return query[string](c.t, c.pool, catalogSQL) + query[string](c.t, c.pool, "SELECT string_agg(state, ',') FROM ("+rows+") AS tables")
}

func (c *aCase) run(command string, more ...string) outcome {
	c.t.Helper()
	got := assignmentCommand(c.t, c.dsn, slices.Concat([]string{command}, c.flags, more)...)
	for _, wrong := range []string{"store unavailable", "contended", "panic"} {
		if strings.Contains(got.out+got.errors, wrong) {
			c.t.Errorf("%s %v: a rule of the table is no failure of the store: %+v", command, more, got)
		}
	}
	return got
}

// asGiven runs what an owner would run, one after the other, whatever comes out.
func (c *aCase) asGiven() {
	t := c.t
	t.Helper()
	before := c.everything()
	first := c.run("check")
	told := first.out + first.errors
	for _, args := range [][]string{{"repair"}, {"repair", "-apply"}, {"guard"}, {"guard", "-apply"}} {
		beside := c.everything()
		got := c.run(args[0], args[1:]...)
		if changed := c.everything() != beside; changed && (len(args) == 1 || got.code == 2 || args[0] == "guard" && got.code != 0) {
			t.Errorf("%v ended with %d and wrote something: %+v", args, got.code, got)
		}
	}
	for _, says := range c.says {
		if !strings.Contains(told, says) {
			t.Errorf("check does not print %s: %s", says, told)
		}
	}
	if c.same && c.everything() != before {
		t.Error("something was written")
	}
	c.keptWhatWasThere()
	c.agrees(c.opens)
}

// keptWhatWasThere asserts that no index and no row is lost.
func (c *aCase) keptWhatWasThere() {
	t := c.t
	t.Helper()
	now := strings.Split(query[string](t, c.pool, indexesSQL), "\n")
	for index := range strings.SplitSeq(c.indexes, "\n") {
		if !slices.Contains(now, index) {
			t.Errorf("index %s is gone; there are %q", index, now)
		}
	}
	if n := query[int64](t, c.pool, "SELECT count(*) FROM "+c.table().String()); n < c.rows {
		t.Errorf("%d of %d rows are left", n, c.rows)
	}
}

// agrees asserts that check, guard and a store accept the same table.
func (c *aCase) agrees(good bool) {
	t := c.t
	t.Helper()
	checked, guarded := c.run("check"), c.run("guard")
	_, err := c.open()
	if got := []bool{checked.code == 0, guarded.code == 0, err == nil}; !slices.Equal(got, []bool{good, good, good}) {
		t.Errorf("check, guard, New: %v, want all %t: %+v, %+v, %v", got, good, checked, guarded, err)
	}
}

var flagValue = regexp.MustCompile(`^-+([a-z-]+)$`)

// given returns the flags as a map.
func (c *aCase) given() map[string]string {
	given := make(map[string]string)
	for i, word := range c.flags {
		if m := flagValue.FindStringSubmatch(word); m != nil && i+1 < len(c.flags) {
			given[m[1]] = c.flags[i+1]
		}
	}
	return given
}

func (c *aCase) table() *schema.Table {
	g := c.given()
	table := &schema.Table{Name: "assignments", DatabaseIDs: slices.Contains(c.flags, "-database-ids"), Columns: schema.Columns{
		ID: "id", AssigneeID: g["assignee-column"], SubjectID: g["subject-column"], Status: "status", CreatedAt: g["created-at-column"],
		UpdatedAt: g["updated-at-column"], CompletedAt: g["completed-at-column"],
	}}
	for flag, column := range map[string]*string{"id-column": &table.Columns.ID, "status-column": &table.Columns.Status, "table": &table.Name} {
		if g[flag] != "" {
			*column = g[flag]
		}
	}
	if before, after, qualified := strings.Cut(table.Name, "."); qualified {
		table.Schema, table.Name = before, after
	}
	if g["extra-columns"] != "" {
		for column := range strings.SplitSeq(g["extra-columns"], ",") {
			table.Extra = append(table.Extra, schema.Extra{Column: column, Value: func(assignment.Assignment) (any, error) { return c.extra[column], nil }})
		}
	}
	return table
}

// lifecycle is that of the flags, in which everything can be reopened.
func (c *aCase) lifecycle() assignment.Lifecycle {
	g := c.given()
	if g["terminal"] == "" {
		return assignment.DefaultLifecycle()
	}
	config := assignment.LifecycleConfig{Initial: "pending", Transitions: make(map[assignment.Status][]assignment.Status)}
	if g["initial"] != "" {
		config.Initial = assignment.Status(g["initial"])
	}
	for s := range strings.SplitSeq(g["terminal"], ",") {
		config.Terminal = append(config.Terminal, assignment.Status(s))
		config.Transitions[assignment.Status(s)] = []assignment.Status{config.Initial}
	}
	config.Transitions[config.Initial] = config.Terminal
	if g["active"] != "" {
		for s := range strings.SplitSeq(g["active"], ",") {
			config.Transitions[assignment.Status(s)] = config.Terminal
			config.Transitions[config.Initial] = append(slices.Clone(config.Transitions[config.Initial]), assignment.Status(s))
		}
	}
	l, err := assignment.NewLifecycle(config)
	if err != nil {
		c.t.Fatal(err)
	}
	return l
}

func (c *aCase) open() (*assignment.Service, error) {
	lifecycle := c.lifecycle()
	store, err := postgres.New(c.t.Context(), c.pool, &postgres.Options{Table: c.table(), Policy: assignment.Policy{Lifecycle: lifecycle}})
	if err != nil {
		return nil, err
	}
	return assignment.NewService(store, nil)
}

// serves lets a store create, meet a conflict, complete, reopen and list.
func (c *aCase) serves() {
	t, ctx := c.t, c.t.Context()
	t.Helper()
	service, err := c.open()
	if err != nil {
		t.Errorf("the store rejects the table: %v", err)
		return
	}
	done := c.lifecycle().Terminal()[0]
	result, err := service.Create(ctx, assignment.CreateParams{Key: c.key})
	if err != nil {
		t.Errorf("create: %v", err)
		return
	}
	a := result
	_, err = service.Create(ctx, assignment.CreateParams{Key: c.key})
	if taken, ok := errors.AsType[*assignment.ActiveExistsError](err); !ok || taken.Existing.ID != a.ID {
		t.Errorf("a second create: %v, want a conflict with %s", err, a.ID)
	}
	items, err := service.CreateMany(ctx, []assignment.CreateParams{{Key: c.key}}, nil)
	if err != nil || len(items) != 1 || !errors.Is(items[0].Err, assignment.ErrActiveExists) {
		t.Errorf("a second create in a batch: %+v, %v, want a conflict with %s", items, err, a.ID)
	}
	if a, err = service.Transition(ctx, a.ID, done); err != nil || a.Status != done {
		t.Errorf("complete: %+v, %v", a, err)
	}
	if a, err = service.Reopen(ctx, a.ID); err != nil || a.Status != c.lifecycle().Initial() {
		t.Errorf("reopen: %+v, %v", a, err)
	}
	listed := 0
	for row, err := range service.List(ctx, assignment.Query{AssigneeID: c.key.AssigneeID, SubjectID: c.key.SubjectID, ActiveOnly: true}) {
		listed++
		if err != nil || row.ID != a.ID {
			t.Errorf("list: %+v, %v", row, err)
		}
	}
	if listed != 1 {
		t.Errorf("list: %d active assignments of %s", listed, c.key)
	}
}
