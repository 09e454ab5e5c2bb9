package postgres_test

import (
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/assignment-go/assignment/internal/testdb"
	"github.com/assignment-go/assignment/postgres"
)

// modes are all in which pgx sends statements.
func modes() []pgx.QueryExecMode {
	return []pgx.QueryExecMode{
		pgx.QueryExecModeCacheStatement, pgx.QueryExecModeCacheDescribe, pgx.QueryExecModeDescribeExec,
		pgx.QueryExecModeExec, pgx.QueryExecModeSimpleProtocol,
	}
}

// mustPoolIn returns a pool on a migrated schema whose sessions are in the mode
// and have the setting.
func mustPoolIn(t *testing.T, mode pgx.QueryExecMode, setting, value string) *pgxpool.Pool {
	t.Helper()
	dsn := testdb.Schema(t)
	if err := postgres.Migrate(t.Context(), mustPoolOn(t, dsn), nil); err != nil {
		t.Fatal(err)
	}
	config, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		t.Fatal(err)
	}
	config.ConnConfig.RuntimeParams[setting] = value
	config.ConnConfig.DefaultQueryExecMode = mode
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool
}

// A session in which times can't be read would make every outcome unknown.
func TestDateStyle(t *testing.T) {
	t.Parallel()
	for _, mode := range modes() {
		for _, style := range []string{"German", "SQL, DMY", "Postgres, MDY", "ISO, DMY"} {
			t.Run(mode.String()+"/"+style+"_works_or_is_rejected", func(t *testing.T) {
				pool := mustPoolIn(t, mode, "DateStyle", style)
				store, err := postgres.New(t.Context(), pool, nil)
				text := mode == pgx.QueryExecModeExec || mode == pgx.QueryExecModeSimpleProtocol
				if text && style != "ISO, DMY" {
					wantInvalid(t, err, "db")
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				service := mustService(t, store)
				created, err := service.Create(t.Context(), paramsFor("ana"))
				if err != nil {
					t.Fatal(err)
				}
				if found, err := service.Get(t.Context(), created.ID); err != nil || !found.CreatedAt.Equal(created.CreatedAt) {
					t.Errorf("got %v, %v; want %v", found.CreatedAt, err, created.CreatedAt)
				}
			})
		}
	}
	t.Run("a_transaction_in_which_times_can't_be_read_is_rejected", func(t *testing.T) {
		tx := mustBegin(t, mustPoolIn(t, pgx.QueryExecModeExec, "application_name", "x"))
		mustExec(t, tx, "SET LOCAL DateStyle = 'German'")
		_, err := postgres.NewTx(t.Context(), tx, nil)
		wantInvalid(t, err, "db")
	})
}

// The simple protocol needs a setting that the other modes don't.
func TestStandardConformingStrings(t *testing.T) {
	t.Parallel()
	for _, mode := range modes() {
		t.Run(mode.String()+"_works_or_is_rejected", func(t *testing.T) {
			pool := mustPoolIn(t, mode, "standard_conforming_strings", "off")
			store, err := postgres.New(t.Context(), pool, nil)
			if mode == pgx.QueryExecModeSimpleProtocol {
				wantInvalid(t, err, "db")
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			p := paramsFor(`o'hara\`)
			p.Metadata = map[string]any{"a": `b'\"`}
			created, err := mustService(t, store).Create(t.Context(), p)
			if err != nil {
				t.Fatal(err)
			}
			if found, err := store.Get(t.Context(), created.ID); err != nil || found.Key != p.Key || found.Metadata["a"] != p.Metadata["a"] {
				t.Errorf("got %+v, %v", found, err)
			}
		})
	}
}

// New provokes an error, which must not cost the host its transaction.
func TestNewInATransactionLeavesItUsable(t *testing.T) {
	t.Parallel()
	pool := mustMigrate(t)
	tx := mustBegin(t, pool)
	service := mustService(t, mustStore(t, tx))
	created, err := service.Create(t.Context(), paramsFor("ana"))
	if err != nil {
		t.Fatal(err)
	}
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := mustStore(t, pool).Get(t.Context(), created.ID); err != nil {
		t.Error(err)
	}
}
