package postgres

// SupposeFree makes the next Create send its insert without a look.
func (s *Store) SupposeFree() { s.engine.SupposeFree() }
