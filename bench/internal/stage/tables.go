package stage

import (
	"context"
	"fmt"
	"log/slog"
	"regexp"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"

	"github.com/assignment-go/assignment/postgres"
)

// The tables of the lab. All but RiverJobs have the columns and the indexes of
// the SDK's own table.
const (
	// Guarded has the partial unique index. The migrations create it.
	Guarded = "assignments"
	// Unguarded has the same index, but not unique, so that its strategies can look
	// up the holder as fast as the others.
	Unguarded = "unguarded_assignments"
	// NoHistory and History are guarded tables that are never emptied. History
	// begins with completed rows, NoHistory with none.
	NoHistory = "no_history_assignments"
	History   = "history_assignments"
	// RiverJobs is the table of River.
	RiverJobs = "river_job"
)

// Active is the condition under which a row holds its slot, as in the index.
const Active = `status NOT IN ('cancelled', 'completed')`

// CreateTables creates the tables. History has no indexes yet: see LoadHistory.
func (s *Stage) CreateTables(ctx context.Context) error {
	if err := postgres.Migrate(ctx, s.control, nil); err != nil {
		return fmt.Errorf("create table %s: %w", Guarded, err)
	}
	if err := s.migrateRiver(ctx); err != nil {
		return fmt.Errorf("create the tables of River: %w", err)
	}
	for _, table := range []string{Unguarded, NoHistory, History} {
		if err := s.exec(ctx, fmt.Sprintf("CREATE TABLE %s (LIKE %s INCLUDING DEFAULTS)", table, Guarded)); err != nil {
			return err
		}
	}
	if err := s.index(ctx, Unguarded); err != nil {
		return err
	}
	if err := s.index(ctx, NoHistory); err != nil {
		return err
	}
	// A background vacuum would slow down whichever strategy is running.
	for _, table := range []string{Guarded, Unguarded, NoHistory, History, RiverJobs} {
		if err := s.exec(ctx, fmt.Sprintf("ALTER TABLE %s SET (autovacuum_enabled = off)", table)); err != nil {
			return err
		}
	}
	return nil
}

func (s *Stage) migrateRiver(ctx context.Context) error {
	migrator, err := rivermigrate.New(riverpgxv5.New(s.control), &rivermigrate.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	_, err = migrator.Migrate(ctx, rivermigrate.DirectionUp, nil)
	return err
}

// target is the part of an index definition that names index and table.
var target = regexp.MustCompile(`INDEX \S+ ON \S+ USING`)

// index creates the indexes on the table that the migrations created on Guarded,
// whatever those are.
func (s *Stage) index(ctx context.Context, table string) error {
	rows, err := s.control.Query(ctx, `SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = $1::regclass`,
		s.quoted(Guarded))
	if err != nil {
		return fmt.Errorf("read the indexes of %s: %w", Guarded, err)
	}
	definitions, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return fmt.Errorf("read the indexes of %s: %w", Guarded, err)
	}
	for _, definition := range definitions {
		statement := target.ReplaceAllString(definition, "INDEX ON "+s.quoted(table)+" USING")
		if guards(definition) && table == Unguarded {
			statement = strings.Replace(statement, "UNIQUE ", "", 1)
		}
		if err := s.exec(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

func guards(definition string) bool {
	return strings.HasPrefix(definition, "CREATE UNIQUE ") && strings.Contains(definition, " WHERE ")
}

// Empty removes all rows of the table. Afterwards all connections plan their
// statements again.
func (s *Stage) Empty(ctx context.Context, table string) error {
	return s.exec(ctx, "TRUNCATE "+s.quoted(table))
}
