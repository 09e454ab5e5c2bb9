package databasesql

import "github.com/assignment-go/assignment/postgres/internal/coalesce"

// BeOptimistic makes the next Create send its insert without a lookup.
func (s *Store) BeOptimistic() { s.engine.BeOptimistic() }

// Coalesce makes calls share statements within other bounds than usual.
func (s *Store) Coalesce(bounds coalesce.Bounds) { s.engine.Coalesce(bounds) }

// Waiting is how many calls are part of a shared statement.
func (s *Store) Waiting() int { return s.engine.Waiting() }
