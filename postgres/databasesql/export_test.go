package databasesql

import (
	"github.com/assignment-go/assignment/postgres/internal/coalesce"
	"github.com/assignment-go/assignment/postgres/internal/engine"
)

// BeOptimistic makes the next Create send its insert without a lookup.
func (s *Store) BeOptimistic() { engine.BeOptimistic(s.backend) }

// Coalesce makes Creates share inserts within other bounds than usual. It returns how
// many Creates are in batches.
func (s *Store) Coalesce(bounds coalesce.Bounds) (waiting func() int) {
	return engine.Coalesce(s.backend, bounds)
}
