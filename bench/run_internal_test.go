package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/assignment-go/assignment/bench/internal/race"
	"github.com/assignment-go/assignment/bench/internal/result"
	"github.com/assignment-go/assignment/bench/internal/strategy"
	"github.com/assignment-go/assignment/internal/testdb"
)

// tiny measures every strategy under every workload as briefly as possible.
func tiny(t *testing.T) options {
	t.Helper()
	return options{
		databaseURL: testdb.DSN(t), rounds: 1, duration: 60 * time.Millisecond, callers: 8, history: 2_000, seed: 7,
	}
}

func TestRun(t *testing.T) {
	opts := tiny(t)
	dir := t.TempDir()
	opts.json, opts.html, opts.markdown = filepath.Join(dir, "r.json"), filepath.Join(dir, "r.html"), filepath.Join(dir, "r.md")
	before := schemas(t, opts.databaseURL)
	var out, steps bytes.Buffer
	if err := run(t.Context(), opts, &out, &progress{out: &steps, begin: time.Now()}); err != nil {
		t.Fatalf("%v\n%s", err, &out)
	}
	r := decode(t, opts.json)

	t.Run("measures every strategy under every workload", func(t *testing.T) {
		for _, name := range []string{race.NameNew, race.NameTen, race.NameHot} {
			w := r.Find(name)
			for _, s := range strategy.All() {
				row := w.Find(s.Name)
				if row == nil || row.Total.Calls == 0 || row.OpsPerSecond == 0 || row.P50 == 0 {
					t.Errorf("%s/%s: %+v", name, s.Name, row)
				}
			}
		}
		for _, name := range []string{race.NameNoHistory, race.NameHistory, race.NameBulk} {
			if w := r.Find(name); w == nil || len(w.Rows) != 3 {
				t.Errorf("%s: %+v", name, w)
			}
		}
	})
	t.Run("calls add up", func(t *testing.T) {
		for _, w := range r.Workloads {
			for _, row := range w.Rows {
				if n := row.Total; n.Calls != n.Created+n.Conflicts+n.Errors {
					t.Errorf("%s/%s: %+v", w.Name, row.Name, n)
				}
			}
		}
	})
	t.Run("a statement of the SDK is one round trip on every driver", func(t *testing.T) {
		for _, name := range []string{"raw", "sdk-pgx", "sdk-pgx-coalesce", "sdk-sqlx-pgx", "sdk-pq", "sdk-sqlx-pq"} {
			if row := r.Find(race.NameNew).Find(name); row.TripsNew != 1 || row.TripsTaken != 1 {
				t.Errorf("%s: %d to create, %d to conflict, want 1", name, row.TripsNew, row.TripsTaken)
			}
		}
	})
	t.Run("the strategies by hand take no unnecessary round trip", func(t *testing.T) {
		for name, want := range map[string][2]int64{
			"check": {2, 1}, "tx": {4, 3}, "serializable": {4, 3}, "advisory": {4, 3}, "fix": {2, 1}, "insert": {1, 1},
		} {
			if row := r.Find(race.NameNew).Find(name); row.TripsNew != want[0] || row.TripsTaken != want[1] {
				t.Errorf("%s: %d to create, %d to conflict, want %v", name, row.TripsNew, row.TripsTaken, want)
			}
		}
	})
	t.Run("hot keys are nearly all taken", func(t *testing.T) {
		if row := r.Find(race.NameHot).Find("fix"); row.Total.Created > 10 {
			t.Errorf("%d created", row.Total.Created)
		}
	})
	t.Run("the schema is dropped", func(t *testing.T) {
		if after := schemas(t, opts.databaseURL); after > before {
			t.Errorf("%d before, %d after", before, after)
		}
	})
	t.Run("the page is self-contained", func(t *testing.T) {
		page, err := os.ReadFile(opts.html)
		if err != nil {
			t.Fatal(err)
		}
		for _, outside := range []string{"<script", "<link", "@import", " src=", "url("} {
			if bytes.Contains(page, []byte(outside)) {
				t.Errorf("holds %s", outside)
			}
		}
		if n := bytes.Count(page, []byte("<svg")); n != 8 {
			t.Errorf("%d plots", n)
		}
	})
}

func TestRunFails(t *testing.T) {
	t.Run("without a server, and does not show the password", func(t *testing.T) {
		opts := tiny(t)
		opts.databaseURL = "postgres://lab:secret@127.0.0.1:1/db?connect_timeout=1"
		err := run(t.Context(), opts, &bytes.Buffer{}, silent())
		if err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("with more callers than the server has connections", func(t *testing.T) {
		opts := tiny(t)
		opts.callers = 100_000
		err := run(t.Context(), opts, &bytes.Buffer{}, silent())
		if err == nil || !strings.Contains(err.Error(), "-callers") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("when -only matches nothing", func(t *testing.T) {
		opts := tiny(t)
		opts.only = regexp.MustCompile("no such thing")
		if err := run(t.Context(), opts, &bytes.Buffer{}, silent()); err == nil || !strings.Contains(err.Error(), "-only") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("before it measures when a file can't be written", func(t *testing.T) {
		opts := tiny(t)
		opts.html = filepath.Join(t.TempDir(), "missing", "r.html")
		var steps bytes.Buffer
		err := run(t.Context(), opts, &bytes.Buffer{}, &progress{out: &steps})
		if err == nil || steps.Len() > 0 {
			t.Errorf("got %v after %q", err, &steps)
		}
	})
	t.Run("when it is interrupted, and leaves no schema", func(t *testing.T) {
		opts := tiny(t)
		opts.duration = time.Minute
		before := schemas(t, opts.databaseURL)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := run(ctx, opts, &bytes.Buffer{}, silent()); err == nil {
			t.Error("got no error")
		}
		if after := schemas(t, opts.databaseURL); after > before {
			t.Errorf("%d schemas before, %d after", before, after)
		}
	})
}

func silent() *progress { return &progress{out: &bytes.Buffer{}, begin: time.Now()} }

func decode(t *testing.T, path string) *result.Report {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var r result.Report
	if err := json.Unmarshal(text, &r); err != nil {
		t.Fatal(err)
	}
	return &r
}

// schemas counts the schemas of the lab on the server.
func schemas(t *testing.T, dsn string) int {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	var n int
	if err := conn.QueryRow(t.Context(), `SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'assignment\_bench\_%'`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}
