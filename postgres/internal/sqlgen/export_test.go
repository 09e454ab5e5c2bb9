package sqlgen

import "strings"

// Listed puts a comment together that is not too wide.
func Listed(before string, items []string) string {
	return strings.ReplaceAll(listed(before, items, "").String(), "\n  ", "\n--   ")
}

// SQL is the text of the statement.
func (s Statement) SQL() string { return s.text }

// ParameterNames are the names of the parameters, in their order.
func (s Statement) ParameterNames() []string {
	var names []string
	for _, param := range s.params {
		names = append(names, param.name)
	}
	return names
}

// InsertBatchNames are the names of the parameters of InsertBatch.
func (s *Statements) InsertBatchNames() []string { return s.insertBatch.parameterNames() }

// CreateManyNames are the names of the parameters of CreateMany.
func (s *Statements) CreateManyNames(mode Mode, rows []*Input) []string {
	return s.createMany[mode][uniformityOf(rows)].parameterNames()
}

func (b batchStatement) parameterNames() []string {
	var names []string
	for _, param := range b.params {
		names = append(names, param.name)
	}
	return names
}

// ResultNames are the names of the result columns after the kind, in their order.
func (l *Layout) ResultNames() []string {
	var names []string
	for _, f := range l.attributes() {
		names = append(names, f.result)
	}
	return names
}
