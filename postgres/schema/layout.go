package schema

import (
	"fmt"
	"strings"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/sqltext"
)

// Layout is how a migration tool wants its files.
type Layout string

// The layouts that [Layout.Files] renders.
const (
	// LayoutPlain is one file of plain SQL per migration, without a way back, as
	// atlas and others read it.
	LayoutPlain Layout = "plain"
	// LayoutGoose has annotated Up and Down sections.
	LayoutGoose Layout = "goose"
	// LayoutGolangMigrate has a file for each direction.
	LayoutGolangMigrate Layout = "golang-migrate"
	// LayoutTern has both directions in a file, with tern's separator.
	LayoutTern Layout = "tern"
)

// Layouts returns all layouts.
func Layouts() []Layout {
	return []Layout{LayoutPlain, LayoutGoose, LayoutGolangMigrate, LayoutTern}
}

// File is a migration in the form of a tool.
type File struct {
	// Name is the file name, without a directory.
	Name string
	// SQL is the content.
	SQL string
}

// Files returns the migrations for the default table in the layout, with the
// indexes for the lifecycle, in the order in which they are applied. A layout that
// does not exist is an [*assignment.InvalidError].
func (l Layout) Files(lifecycle assignment.Lifecycle) ([]File, error) {
	migrations, err := Migrations(lifecycle)
	if err != nil {
		return nil, err
	}
	var files []File
	for _, m := range migrations {
		rendered, err := l.render(m)
		if err != nil {
			return nil, err
		}
		files = append(files, rendered...)
	}
	return files, nil
}

func (l Layout) render(m Migration) ([]File, error) {
	_, name, _ := strings.Cut(strings.TrimSuffix(m.Name, ".sql"), "_")
	switch l {
	case LayoutPlain:
		return []File{{m.Name, m.SQL}}, nil
	case LayoutGoose:
		text := fmt.Sprintf("-- +goose Up\n%s\n-- +goose Down\n%s", m.SQL, m.down())
		return []File{{fmt.Sprintf("%05d_%s.sql", m.Version, name), text}}, nil
	case LayoutGolangMigrate:
		base := fmt.Sprintf("%06d_%s", m.Version, name)
		return []File{{base + ".up.sql", m.SQL}, {base + ".down.sql", m.down()}}, nil
	case LayoutTern:
		text := fmt.Sprintf("%s\n---- create above / drop below ----\n\n%s", m.SQL, m.down())
		return []File{{fmt.Sprintf("%03d_%s.sql", m.Version, name), text}}, nil
	default:
		return nil, &assignment.InvalidError{Field: "Layout", Reason: fmt.Sprintf("%q is none of %q", l, Layouts())}
	}
}

// down is the way back. Only the newest migration may be without one while it
// is written; a test sees to it that none is released like that.
func (m Migration) down() string {
	return map[int]string{
		1:              "DROP TABLE assignments;\n",
		guardVersion:   fmt.Sprintf("DROP INDEX %s;\n", sqltext.Quote(Table{Name: DefaultTable}.GuardName())),
		historyVersion: fmt.Sprintf("DROP INDEX %s;\n", sqltext.Quote(Table{Name: DefaultTable}.historyName())),
	}[m.Version]
}
