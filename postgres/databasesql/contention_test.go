package databasesql_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/pgsuite"
)

func TestContention(t *testing.T) {
	for _, driver := range []string{"postgres", "pgx"} {
		t.Run(driver, func(t *testing.T) {
			pgsuite.Contention(t, func(t *testing.T) pgsuite.Host {
				db := mustMigrate(t, driver)
				return hostOn(db, mustStore(t, db))
			})
		})
	}
}

func TestPoolExhaustion(t *testing.T) {
	db := mustMigrate(t, "postgres")
	service := mustService(t, mustStore(t, db))
	db.SetMaxOpenConns(1)
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	_, err = service.Create(ctx, assignment.CreateParams{Key: assignment.Key{AssigneeID: "a", SubjectID: "s"}})
	if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, assignment.ErrUnknownOutcome) {
		t.Errorf("got %v, want the context's error alone", err)
	}
}
