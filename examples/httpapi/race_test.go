package main

import (
	"fmt"
	"net/http"
	"sync"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/assignment-go/assignment/internal/testdb"
)

const (
	// callers is how many requests for one slot are sent at once.
	callers = 10
	// rounds is how often the race is repeated, each time for another counselor.
	rounds = 10
)

// TestRace sends concurrent requests for one slot to the program, which runs in
// another process.
func TestRace(t *testing.T) {
	t.Run("memory", func(t *testing.T) {
		p := startProcess(t, bothKeys())
		raceForSlot(t, p.api(t))
		if code := p.stop(t, syscall.SIGTERM); code != exitOK {
			t.Errorf("exit code: %d", code)
		}
	})

	t.Run("postgres", func(t *testing.T) {
		dsn := testdb.Schema(t)
		p := startProcess(t, append(bothKeys(), envDatabaseURL+"="+dsn))
		raceForSlot(t, p.api(t))
		wantRows(t, dsn)
		if code := p.stop(t, syscall.SIGTERM); code != exitOK {
			t.Errorf("exit code: %d", code)
		}
	})

	t.Run("postgres_behind_two_processes", func(t *testing.T) {
		dsn := testdb.Schema(t)
		first := startProcess(t, append(bothKeys(), envDatabaseURL+"="+dsn))
		second := startProcess(t, append(bothKeys(), envDatabaseURL+"="+dsn))
		raceForSlot(t, first.api(t), second.api(t))
		wantRows(t, dsn)
		for _, p := range []*process{first, second} {
			if code := p.stop(t, syscall.SIGTERM); code != exitOK {
				t.Errorf("exit code: %d", code)
			}
		}
	})
}

// raceForSlot wants one 201, nine identical 409, and one row.
func raceForSlot(t *testing.T, servers ...api) {
	t.Helper()
	for round := range rounds {
		user := fmt.Sprintf("counselor-%d", round)
		replies := together(t, servers, createBody(user, "intake"))

		var winner reply
		conflicts := make(map[string]int)
		for _, got := range replies {
			switch got.status {
			case http.StatusCreated:
				winner = got
			case http.StatusConflict:
				conflicts[string(got.body)]++
			default:
				t.Fatalf("round %d: %d %s", round, got.status, got.body)
			}
		}
		// A later request finds the holder before it inserts anything.
		late := servers[0].external().post(t, "/api/external/assignments", createBody(user, "intake"))
		if winner.status == 0 || len(conflicts) != 1 || conflicts[string(late.body)] != callers-1 {
			t.Fatalf("round %d: want one 201 and %d conflicts like %s\nconflicts: %v", round, callers-1, late.body, conflicts)
		}
		holder := late.wantError(t, http.StatusConflict, "CONFLICT").AssignmentID
		rows := servers[0].list(t, "?user_id="+user).Assignments
		if len(rows) != 1 || rows[0].ID != holder || winner.assignment(t).ID != holder {
			t.Fatalf("round %d: created %s, conflict with %s, rows %+v", round, winner.body, holder, rows)
		}
	}
}

// together sends the same request concurrently from all callers.
func together(t *testing.T, servers []api, body string) []reply {
	t.Helper()
	replies := make([]reply, callers)
	start := make(chan struct{})
	var ready, done sync.WaitGroup
	ready.Add(callers)
	for i := range replies {
		done.Go(func() {
			ready.Done()
			<-start
			a := servers[i%len(servers)].external()
			got, err := a.try(t, http.MethodPost, "/api/external/assignments", body)
			if err != nil {
				t.Errorf("caller %d: %v", i, err)
			}
			replies[i] = got
		})
	}
	ready.Wait()
	close(start)
	done.Wait()
	return replies
}

// wantRows counts the rows in the database.
func wantRows(t *testing.T, dsn string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	var rows int
	if err := conn.QueryRow(t.Context(), "SELECT count(*) FROM assignments").Scan(&rows); err != nil {
		t.Fatal(err)
	}
	if rows != rounds {
		t.Errorf("%d rows after %d rounds", rows, rounds)
	}
}
