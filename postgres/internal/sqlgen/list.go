package sqlgen

import "github.com/assignment-go/assignment"

// List reads one page of the rows that the query is for; false when no row can
// match.
func (s *Statements) List(q assignment.Query) (list Bound, matches bool, err error) {
	w, err := s.conditions(q)
	if err != nil || w.nothing {
		return Bound{}, false, err
	}
	s.behind(w, q.After)
	sql := stacked(s.selectStored, where(w.all...),
		text{"ORDER BY " + s.order(), "LIMIT " + w.bind(q.Limit) + "::bigint"}).String()
	return Bound{SQL: sql, Args: w.args}, true, nil
}

// Count counts the rows that the query is for; false when no row can match.
func (s *Statements) Count(q assignment.Query) (count Bound, matches bool, err error) {
	w, err := s.conditions(q)
	if err != nil || w.nothing {
		return Bound{}, false, err
	}
	return Bound{SQL: stacked(s.countStored, where(w.all...)).String(), Args: w.args}, true, nil
}
