package faults_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"net/url"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/internal/faultproxy"
	"github.com/assignment-go/assignment/internal/testdb"
	"github.com/assignment-go/assignment/postgres"
	"github.com/assignment-go/assignment/postgres/databasesql"
)

// arrivalTimeout bounds the wait for a request that was delayed.
const arrivalTimeout = 2 * time.Minute

// TestUnknownOutcome delays the first INSERT of a call. The store sends it again
// and finds the slot taken; but while the first one may still arrive, the outcome
// is unknown.
func TestUnknownOutcome(t *testing.T) {
	for name, open := range map[string]func(*testing.T, string) assignment.Store{
		"pgx": openPgx, "pgx/stdlib": openSQL("pgx"), "lib/pq": openSQL("postgres"),
	} {
		t.Run(name, func(t *testing.T) { testUnknownOutcome(t, open) })
	}
}

func testUnknownOutcome(t *testing.T, open func(*testing.T, string) assignment.Store) {
	key := assignment.Key{AssigneeID: "ana", SubjectID: "intake"}
	mine := assignment.CreateParams{ID: "mine", Key: key}

	t.Run("the outcome of Create is unknown and nothing else", func(t *testing.T) {
		direct, broken, arrive := services(t, open, key)
		_, err := broken.Create(t.Context(), mine)
		if !errors.Is(err, assignment.ErrUnknownOutcome) {
			t.Errorf("got %v, want ErrUnknownOutcome", err)
		}
		if errors.Is(err, assignment.ErrActiveExists) {
			t.Errorf("the error is ErrActiveExists, too, which says that nothing was written: %v", err)
		}
		awaitArrival(t, direct, arrive)
	})

	t.Run("the outcome of Ensure is unknown, not existing", func(t *testing.T) {
		direct, broken, arrive := services(t, open, key)
		got, err := broken.Ensure(t.Context(), mine)
		if !errors.Is(err, assignment.ErrUnknownOutcome) {
			t.Errorf("got %v of %q, error %v, want ErrUnknownOutcome", got.Outcome, got.Assignment.ID, err)
		}
		awaitArrival(t, direct, arrive)
	})
}

// TestLostInsert loses the reply to an insert without a lookup of the holder, as a
// store sends it when recent slots were free.
func TestLostInsert(t *testing.T) {
	for name, open := range map[string]func(*testing.T, string) assignment.Store{
		"pgx": openPgx, "pgx/stdlib": openSQL("pgx"), "lib/pq": openSQL("postgres"),
	} {
		t.Run(name, func(t *testing.T) { testLostInsert(t, open) })
		t.Run(name+" concurrent", func(t *testing.T) { testLostInserts(t, open) })
	}
}

func testLostInsert(t *testing.T, open func(*testing.T, string) assignment.Store) {
	dsn := testdb.Schema(t)
	direct := service(t, migrated(t, dsn))
	var armed atomic.Bool
	broken := service(t, open(t, proxied(t, dsn, func(m faultproxy.Message) faultproxy.Action {
		if m.From == faultproxy.Server && m.Type == 'C' && armed.CompareAndSwap(true, false) {
			return faultproxy.Action{Kind: faultproxy.Swallow}
		}
		return faultproxy.Action{}
	})))
	params := func(n int) assignment.CreateParams {
		return assignment.CreateParams{Key: assignment.Key{AssigneeID: strconv.Itoa(n), SubjectID: "intake"}}
	}
	const creates = 100
	for n := range creates {
		armed.Store(n >= 70 && n%10 == 0) // well after the store has stopped looking up holders
		a, err := broken.Create(t.Context(), params(n))
		if err != nil {
			t.Fatalf("create %d: %v", n, err)
		}
		stored, err := direct.FindActive(t.Context(), a.Key)
		if err != nil || stored.ID != a.ID {
			t.Fatalf("create %d: returned %s, stored %s, %v", n, a.ID, stored.ID, err)
		}
	}
	if armed.Load() {
		t.Error("no reply was lost, so this test has shown nothing")
	}
	if n, err := direct.Count(t.Context(), assignment.Query{}); err != nil || n != creates {
		t.Errorf("%d rows, %v, want %d", n, err, creates)
	}
}

// testLostInserts loses replies while many calls are running, which may then
// share statements.
func testLostInserts(t *testing.T, open func(*testing.T, string) assignment.Store) {
	const callers, creates = 24, 50
	dsn := testdb.Schema(t)
	direct := service(t, migrated(t, dsn))
	var replies, lost atomic.Int64
	broken := service(t, open(t, proxied(t, dsn, func(m faultproxy.Message) faultproxy.Action {
		if m.From == faultproxy.Server && m.Type == 'C' && replies.Add(1)%30 == 0 {
			lost.Add(1)
			return faultproxy.Action{Kind: faultproxy.Swallow}
		}
		return faultproxy.Action{}
	})))
	var wg sync.WaitGroup
	for c := range callers {
		wg.Go(func() {
			for n := range creates {
				key := assignment.Key{AssigneeID: strconv.Itoa(c), SubjectID: strconv.Itoa(n)}
				a, err := broken.Create(t.Context(), assignment.CreateParams{Key: key})
				if err != nil {
					t.Errorf("create %v: %v", key, err)
					continue
				}
				if stored, err := direct.FindActive(t.Context(), key); err != nil || stored.ID != a.ID {
					t.Errorf("create %v: returned %s, stored %s, %v", key, a.ID, stored.ID, err)
				}
			}
		})
	}
	wg.Wait()
	if lost.Load() == 0 {
		t.Error("no reply was lost, so this test has shown nothing")
	}
	if n, err := direct.Count(t.Context(), assignment.Query{}); err != nil || n != callers*creates {
		t.Errorf("%d rows, %v, want %d", n, err, callers*creates)
	}
}

// awaitArrival frees the slot and lets the first INSERT arrive.
func awaitArrival(t *testing.T, direct *assignment.Service, arrive func()) {
	t.Helper()
	if _, err := direct.Complete(t.Context(), "theirs"); err != nil {
		t.Fatal(err)
	}
	arrive()
	ctx, cancel := context.WithTimeout(t.Context(), arrivalTimeout)
	defer cancel()
	for ctx.Err() == nil {
		if _, err := direct.Get(ctx, "mine"); err == nil {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Error("the delayed INSERT never arrived, so this test has shown nothing")
}

// services returns a service that works, and one whose first INSERT arrives when
// arrive is called. The slot of the key is taken.
func services(t *testing.T, open func(*testing.T, string) assignment.Store, key assignment.Key) (direct, broken *assignment.Service, arrive func()) {
	t.Helper()
	dsn := testdb.Schema(t)
	direct = service(t, migrated(t, dsn))
	if _, err := direct.Create(t.Context(), assignment.CreateParams{ID: "theirs", Key: key}); err != nil {
		t.Fatal(err)
	}
	dsn, arrive = late(t, dsn)
	return direct, service(t, open(t, dsn)), arrive
}

// late returns the DSN of a proxy that delays the first INSERT until arrive is
// called. It does not delay the messages that prepare it.
func late(t *testing.T, dsn string) (lateDSN string, arrive func()) {
	t.Helper()
	var done atomic.Bool
	arrived := make(chan struct{})
	return proxied(t, dsn, func(m faultproxy.Message) faultproxy.Action {
		if inserts(m) && !done.Swap(true) {
			return faultproxy.Action{Kind: faultproxy.Late, Until: arrived}
		}
		return faultproxy.Action{}
	}), sync.OnceFunc(func() { close(arrived) })
}

// inserts reports whether the message is an INSERT: its text, or the parameters of
// a prepared statement. These tests prepare no other statement.
func inserts(m faultproxy.Message) bool {
	return m.From == faultproxy.Client && (m.Type == 'B' || m.Type == 'Q' && bytes.Contains(m.Body, []byte("INSERT")))
}

// proxied returns the DSN of a proxy with the plan.
func proxied(t *testing.T, dsn string, plan faultproxy.Plan) string {
	t.Helper()
	config, err := pgconn.ParseConfig(dsn)
	if err != nil {
		t.Fatal(err)
	}
	network, address := pgconn.NetworkAddress(config.Host, config.Port)
	proxy, err := faultproxy.Listen(network, address, plan)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { proxy.Close() })
	values := url.Values{"sslmode": {"disable"}, "search_path": {config.RuntimeParams["search_path"]}}
	u := url.URL{
		Scheme: "postgres", User: url.UserPassword(config.User, config.Password),
		Host: proxy.Addr(), Path: "/" + config.Database, RawQuery: values.Encode(),
	}
	return u.String()
}

func service(t *testing.T, store assignment.Store) *assignment.Service {
	t.Helper()
	svc, err := assignment.NewService(store, nil)
	if err != nil {
		t.Fatal(err)
	}
	return svc
}

func migrated(t *testing.T, dsn string) assignment.Store {
	t.Helper()
	pool := newPool(t, dsn)
	if err := postgres.Migrate(t.Context(), pool, nil); err != nil {
		t.Fatal(err)
	}
	store, err := postgres.New(t.Context(), pool, nil)
	if err != nil {
		t.Fatal(err)
	}
	return store
}

// openPgx opens the store on pgx.
func openPgx(t *testing.T, dsn string) assignment.Store {
	t.Helper()
	store, err := postgres.New(t.Context(), newPool(t, dsn), &postgres.Options{DeferVerify: true, Coalesce: true})
	if err != nil {
		t.Fatal(err)
	}
	return store
}

func newPool(t *testing.T, dsn string) *pgxpool.Pool {
	t.Helper()
	pool, err := pgxpool.New(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool
}

func openSQL(driver string) func(*testing.T, string) assignment.Store {
	return func(t *testing.T, dsn string) assignment.Store {
		t.Helper()
		db, err := sql.Open(driver, dsn)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { db.Close() })
		store, err := databasesql.New(t.Context(), db, &databasesql.Options{DeferVerify: true, Coalesce: true})
		if err != nil {
			t.Fatal(err)
		}
		return store
	}
}
