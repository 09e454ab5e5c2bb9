package schema

import (
	"embed"
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"github.com/assignment-go/assignment"
)

//go:embed migrations/*.sql
var embedded embed.FS

// These migrations hold nothing but an index whose text depends on the
// lifecycle, so that it is rendered rather than read.
const (
	guardVersion   = 2
	historyVersion = 3
)

// Migration is one numbered step of the schema.
type Migration struct {
	// Version counts from 1 without gaps and never changes its meaning.
	Version int
	// Name is the file name, such as "0001_create_assignments.sql".
	Name string
	// SQL is plain SQL without transaction control.
	SQL string
}

// Files returns the embedded migrations for the default table and lifecycle as
// plain SQL files, for people who use goose, golang-migrate, tern or atlas.
// They are append-only: a released file never changes.
func Files() fs.FS {
	files, err := fs.Sub(embedded, "migrations")
	if err != nil {
		panic(err) // the directory is compiled in
	}
	return files
}

// Migrations returns all steps in order, with the indexes for the lifecycle.
// Tables are named without a schema; search_path decides.
func Migrations(l assignment.Lifecycle) ([]Migration, error) {
	entries, err := fs.ReadDir(Files(), ".")
	if err != nil {
		return nil, fmt.Errorf("read embedded migrations: %w", err)
	}
	migrations := make([]Migration, 0, len(entries))
	for _, entry := range entries {
		m, err := load(entry.Name(), l)
		if err != nil {
			return nil, err
		}
		migrations = append(migrations, m)
	}
	return migrations, nil
}

func load(name string, l assignment.Lifecycle) (Migration, error) {
	number, _, _ := strings.Cut(name, "_")
	version, err := strconv.Atoi(number)
	if err != nil {
		return Migration{}, fmt.Errorf("embedded migration %s: %w", name, err)
	}
	text, err := fs.ReadFile(Files(), name)
	if err != nil {
		return Migration{}, fmt.Errorf("embedded migration %s: %w", name, err)
	}
	m := Migration{Version: version, Name: name, SQL: string(text)}
	t := Table{Name: DefaultTable, Columns: DefaultColumns()}
	switch version {
	case guardVersion:
		m.SQL = GuardSQL(t, l) + ";\n"
	case historyVersion:
		m.SQL = historySQL(t, l) + ";\n"
	}
	return m, nil
}
