package pgsuite

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/internal/testdb"
	"github.com/assignment-go/assignment/postgres/schema"
)

type settingsKey struct{}

// withSettings returns a context of which EnterTenant puts the settings into the
// session.
func withSettings(ctx context.Context, settings map[string]string) context.Context {
	return context.WithValue(ctx, settingsKey{}, settings)
}

// EnterTenant is for the hooks of a pool that run with the context of the call
// which takes the connection: it puts the tenant of the context into the session.
func EnterTenant(ctx context.Context, conn *pgx.Conn) error {
	settings, _ := ctx.Value(settingsKey{}).(map[string]string)
	for name, value := range settings {
		if _, err := conn.Exec(ctx, "SELECT set_config($1, $2, false)", name, value); err != nil {
			return err
		}
	}
	return nil
}

// TenantOpener opens a store on a pool that calls EnterTenant with the context of
// each call; nil is the default table.
type TenantOpener func(t *testing.T, dsn string, table *schema.Table) assignment.Store

// Tenants checks the two ways in which one pool serves many tenants.
func Tenants(t *testing.T, open TenantOpener) {
	t.Helper()
	t.Run("one_store_serves_tenants_apart_by_row_level_security", func(t *testing.T) { tenantsByRow(t, open) })
	t.Run("a_store_for_each_schema_on_one_path", func(t *testing.T) { tenantsBySchema(t, open) })
}

// tenantsByRow has two tenants work in one table at once: a statement that ran in
// the session of the other tenant would be rejected by the policy, or see nothing.
func tenantsByRow(t *testing.T, open TenantOpener) {
	t.Helper()
	dsn := testdb.Schema(t)
	if err := migrate(t.Context(), dsn); err != nil {
		t.Fatal(err)
	}
	role := mustSecure(t, dsn)
	service := mustServe(t, open(t, dsn, nil))
	var wg sync.WaitGroup
	var mine [2][20]assignment.ID
	name := func(n int) string { return "tenant " + strconv.Itoa(n) }
	enter := func(n int) context.Context {
		return withSettings(t.Context(), map[string]string{"role": role, "app.tenant": name(n)})
	}
	tenants := [2]context.Context{enter(0), enter(1)}
	for n := range tenants {
		for i := range mine[n] {
			wg.Go(func() {
				params := newSlot(name(n), i)
				params.AccountID = name(n)
				a, err := service.Create(tenants[n], params)
				if err != nil {
					t.Error(err)
				}
				mine[n][i] = a.ID
			})
		}
	}
	wg.Wait()
	for n, ctx := range tenants {
		if count, err := service.Count(ctx, assignment.Query{}); err != nil || count != int64(len(mine[n])) {
			t.Errorf("tenant %d sees %d rows, %v", n, count, err)
		}
		if _, err := service.Get(ctx, mine[1-n][0]); !errors.Is(err, assignment.ErrNotFound) {
			t.Errorf("tenant %d sees a row of the other: %v", n, err)
		}
	}
}

// mustSecure lets a new role see the rows of the tenant that its session is in.
func mustSecure(t *testing.T, dsn string) (role string) {
	t.Helper()
	role = "test_" + strings.ToLower(rand.Text())
	conn := mustDial(t, dsn)
	mustRun(t, conn, fmt.Sprintf(`CREATE ROLE %[1]s; GRANT USAGE ON SCHEMA %[2]s TO %[1]s; GRANT ALL ON assignments TO %[1]s;
ALTER TABLE assignments ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON assignments USING (account_id = current_setting('app.tenant'))`, role, mustSchema(t, conn)))
	t.Cleanup(func() {
		if _, err := conn.Exec(context.Background(), fmt.Sprintf("DROP OWNED BY %[1]s; DROP ROLE %[1]s", role)); err != nil {
			t.Error(err)
		}
	})
	return role
}

// tenantsBySchema puts a call into a session of another search_path: the store
// stays with the table that it has verified. Who has a schema for each tenant opens
// a store for each.
func tenantsBySchema(t *testing.T, open TenantOpener) {
	t.Helper()
	first, second := testdb.Schema(t), testdb.Schema(t)
	names := make([]string, 2)
	for n, dsn := range []string{first, second} {
		if err := migrate(t.Context(), dsn); err != nil {
			t.Fatal(err)
		}
		names[n] = mustSchema(t, mustDial(t, dsn))
	}
	elsewhere := withSettings(t.Context(), map[string]string{"search_path": names[1]})
	params := assignment.CreateParams{Key: assignment.Key{AssigneeID: "ana", SubjectID: "intake"}}
	unnamed := mustServe(t, open(t, first, nil))
	if _, err := unnamed.Create(elsewhere, params); err != nil {
		t.Fatal(err)
	}
	wantRows(t, first, 1)
	wantRows(t, second, 0)
	named := mustServe(t, open(t, first, &schema.Table{Schema: names[1]}))
	if _, err := named.Create(t.Context(), params); err != nil {
		t.Fatal(err)
	}
	wantRows(t, first, 1)
	wantRows(t, second, 1)
}

// Shadowed checks that a temporary table of the same name takes none of the
// writes. The store is on a pool of one connection, on which exec runs a statement.
func Shadowed(t *testing.T, open func(t *testing.T, dsn string) (s assignment.Store, exec func(ctx context.Context, sql string) error)) {
	t.Helper()
	dsn := testdb.Schema(t)
	if err := migrate(t.Context(), dsn); err != nil {
		t.Fatal(err)
	}
	store, exec := open(t, dsn)
	if err := exec(t.Context(), `CREATE TEMP TABLE assignments (LIKE assignments INCLUDING ALL)`); err != nil {
		t.Fatal(err)
	}
	service := mustServe(t, store)
	a, err := service.Create(t.Context(), assignment.CreateParams{Key: assignment.Key{AssigneeID: "ana", SubjectID: "intake"}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := service.Complete(t.Context(), a.ID); err != nil {
		t.Fatal(err)
	}
	wantRows(t, dsn, 1)
}

func newSlot(assignee string, i int) assignment.CreateParams {
	return assignment.CreateParams{Key: assignment.Key{AssigneeID: assignee, SubjectID: strconv.Itoa(i)}}
}

func wantRows(t *testing.T, dsn string, want int) {
	t.Helper()
	var n int
	if err := mustDial(t, dsn).QueryRow(t.Context(), "SELECT count(*) FROM assignments").Scan(&n); err != nil || n != want {
		t.Errorf("%d rows, %v; want %d", n, err, want)
	}
}

func mustServe(t *testing.T, store assignment.Store) *assignment.Service {
	t.Helper()
	service, err := assignment.NewService(store, nil)
	if err != nil {
		t.Fatal(err)
	}
	return service
}

func mustDial(t *testing.T, dsn string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

func mustRun(t *testing.T, conn *pgx.Conn, sql string) {
	t.Helper()
	if _, err := conn.Exec(t.Context(), sql); err != nil {
		t.Fatal(err)
	}
}

func mustSchema(t *testing.T, conn *pgx.Conn) (name string) {
	t.Helper()
	if err := conn.QueryRow(t.Context(), "SELECT current_schema()").Scan(&name); err != nil {
		t.Fatal(err)
	}
	return name
}
