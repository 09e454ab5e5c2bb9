package engine_test

import (
	"context"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/engine"
	"github.com/assignment-go/assignment/postgres/internal/pgdb"
)

// TestFourFrames keeps the path from a call to its statement short: whoever debugs
// one finds no more than four functions of the engine on the stack.
func TestFourFrames(t *testing.T) {
	for name, call := range map[string]func(*engine.Engine) error{
		"Create": func(e *engine.Engine) error {
			_, err := e.Create(t.Context(), sampleRow())
			return err
		},
		"CreateNew with a lookup in its statement": func(e *engine.Engine) error {
			_, err := e.CreateNew(t.Context(), sampleRow())
			return err
		},
		"CreateNew with nothing but an insert": func(e *engine.Engine) error {
			engine.BeOptimistic(e)
			_, err := e.CreateNew(t.Context(), sampleRow())
			return err
		},
		"Replace": func(e *engine.Engine) error {
			_, err := e.Replace(t.Context(), sampleRow(), assignment.StatusCancelled)
			return err
		},
		"Update": func(e *engine.Engine) error {
			_, err := e.Update(t.Context(), sampleRow().ID, assignment.Change{To: assignment.StatusInProgress, At: time.Unix(1, 0)})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			db := &cannedDB{}
			if err := call(mustEngine(t, db)); err != nil {
				t.Fatal(err)
			}
			if len(db.frames) == 0 || len(db.frames) > 4 {
				t.Errorf("%d frames of the engine: %s", len(db.frames), strings.Join(db.frames, ", "))
			}
			if db.statements != 1 {
				t.Errorf("%d statements, want 1", db.statements)
			}
		})
	}
}

// BenchmarkCreate measures what the engine adds to the statement of a create.
func BenchmarkCreate(b *testing.B) {
	for name, create := range map[string]func(*engine.Engine, context.Context, assignment.Assignment) (assignment.Result, error){
		"Create": (*engine.Engine).Create, "CreateNew": (*engine.Engine).CreateNew,
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			e := mustEngine(b, &cannedDB{silent: true})
			for b.Loop() {
				if _, err := create(e, b.Context(), sampleRow()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func mustEngine(tb testing.TB, db pgdb.DB) *engine.Engine {
	tb.Helper()
	e, err := engine.New(db, nil, assignment.Policy{})
	if err != nil {
		tb.Fatal(err)
	}
	return e
}

func sampleRow() assignment.Assignment {
	return assignment.Assignment{
		ID: "a", Key: assignment.Key{AssigneeID: "who", SubjectID: "what"}, Status: assignment.DefaultLifecycle().Initial(),
		CreatedAt: time.Unix(1, 0), Version: 1,
	}
}

// cannedDB is a pool whose statements find the sample row, and that notes which
// functions of the engine sent them.
type cannedDB struct {
	pgdb.DB

	silent     bool
	frames     []string
	statements int
}

func (db *cannedDB) note() {
	if db.silent {
		return
	}
	db.statements++
	callers := make([]uintptr, 64)
	frames := runtime.CallersFrames(callers[:runtime.Callers(1, callers)])
	for {
		frame, more := frames.Next()
		if strings.Contains(frame.Function, "/internal/engine.") {
			db.frames = append(db.frames, frame.Function)
		}
		if !more {
			return
		}
	}
}

func (db *cannedDB) Rows(_ context.Context, sql string, _ ...any) ([]pgdb.Row, error) {
	db.note()
	row := pgdb.Row{
		Kind: pgdb.RowCreated, ID: "a", AssigneeID: "who", SubjectID: "what", Status: pgdb.Text(assignment.DefaultLifecycle().Initial()), Version: 1,
	}
	if strings.Contains(sql, "changed AS") {
		row.Kind, row.Status = pgdb.RowChanged, pgdb.Text(assignment.StatusInProgress)
	}
	return []pgdb.Row{row}, nil
}

func (db *cannedDB) Insert(context.Context, string, ...any) (bool, error) {
	db.note()
	return true, nil
}

func (*cannedDB) Joined() bool                            { return false }
func (*cannedDB) Pooled() bool                            { return true }
func (*cannedDB) Connection() any                         { return nil }
func (*cannedDB) Describe(error) (pgdb.ServerError, bool) { return pgdb.ServerError{}, false }
