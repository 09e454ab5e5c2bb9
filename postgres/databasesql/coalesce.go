package databasesql

import (
	"database/sql"

	"github.com/jmoiron/sqlx"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/engine"
)

// coalesce turns coalescing on, or says why it can't be had on db.
func (s *Store) coalesce(db DB) error {
	switch db.(type) {
	case *sql.DB, *sqlx.DB:
		s.engine.Coalesce(engine.CoalesceBounds())
		return nil
	default:
		return &assignment.InvalidError{
			Field:  "Coalesce",
			Reason: "is for a *sql.DB or *sqlx.DB: other handles are one connection, on which calls follow each other",
		}
	}
}
