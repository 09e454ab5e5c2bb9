package sqlgen

// batchStatement is a statement for many rows at once.
type batchStatement struct {
	text   string
	params []batchParameter
}

// batchParameter is one parameter of all the rows.
type batchParameter struct {
	name  string
	value func(rows []*Input) any
}

func (b batchStatement) bind(rows []*Input) Bound {
	args := make([]any, len(b.params))
	for i, param := range b.params {
		args[i] = param.value(rows)
	}
	return Bound{SQL: b.text, Args: args}
}

func (u *unnesting) statement(clauses ...text) batchStatement {
	return batchStatement{text: stacked(clauses...).String(), params: u.params}
}

// uniformity is what the rows of a batch have in common.
type uniformity int

const (
	// mixed rows may differ in everything.
	mixed uniformity = iota
	// uniform rows differ in ID, key and fingerprint alone, as those of most batches
	// do. The rest is sent once.
	uniform
)

func uniformityOf(rows []*Input) uniformity {
	for _, in := range rows[1:] {
		if !in.isLike(rows[0]) {
			return mixed
		}
	}
	return uniform
}

func (in *Input) isLike(other *Input) bool {
	a, b := &in.Row, &other.Row
	return a.AssignedBy == b.AssignedBy && a.AccountID == b.AccountID && a.DueAt.Equal(b.DueAt) &&
		a.CreatedAt.Equal(b.CreatedAt) && a.UpdatedAt.Equal(b.UpdatedAt) && in.metadata == other.metadata
}
