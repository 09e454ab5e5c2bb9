package postgres

import (
	"github.com/assignment-go/assignment/postgres/internal/coalesce"
	"github.com/assignment-go/assignment/postgres/internal/engine"
)

// BeOptimistic makes the next Create send its insert without a lookup.
func (s *Store) BeOptimistic() { engine.BeOptimistic(s.backend) }

// Coalesce makes Creates share inserts within other bounds than usual.
func (s *Store) Coalesce(bounds coalesce.Bounds) { engine.Coalesce(s.backend, bounds) }

// Waiting is how many Creates wait for an insert that they share.
func (s *Store) Waiting() int { return engine.Waiting(s.backend) }
