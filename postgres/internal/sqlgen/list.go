package sqlgen

import "github.com/assignment-go/assignment"

// List reads one page of the rows that the query is for; false when no row can
// match.
func (s *Statements) List(q assignment.Query) (list Bound, matches bool, err error) {
	w, err := s.where(q)
	if err != nil || w.nothing {
		return Bound{}, false, err
	}
	s.behind(w, q.After)
	sql := s.selectFrom + w.String() + "\nORDER BY " + s.order() + "\nLIMIT " + w.bind(q.Limit) + "::bigint"
	return Bound{SQL: sql, Args: w.args}, true, nil
}

// Count counts the rows that the query is for; false when no row can match.
func (s *Statements) Count(q assignment.Query) (count Bound, matches bool, err error) {
	w, err := s.where(q)
	if err != nil || w.nothing {
		return Bound{}, false, err
	}
	return Bound{SQL: s.countFrom + w.String(), Args: w.args}, true, nil
}
