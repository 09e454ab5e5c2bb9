package sqlgen

import "github.com/assignment-go/assignment/postgres/internal/guard"

// learn replaces what was assumed of the columns by what the catalog has.
func (l *Layout) learn(r *guard.Report) {
	for _, f := range l.attributes() {
		if col, ok := r.Catalog.Column(f.column); ok {
			f.learn(col)
		}
	}
	for i := range l.extra {
		if col, ok := r.Catalog.Column(l.extra[i].column); ok {
			l.extra[i].cast = col.Cast
		}
	}
	l.Triggers, l.IDNotUnique = r.Catalog.Triggers, !r.IDAlone
	l.Partitioned, l.predicate = r.Catalog.Partitioned(), r.ConflictPredicate
	if r.Guard != nil {
		l.GuardIndex = r.Guard.Index
	}
}

// learn takes over how the column stores its values.
func (f *field) learn(col guard.Column) {
	f.pgType, f.cast, f.nullable, f.labels = col.PGType, col.Cast, !col.NotNull, col.Labels
	f.limit, f.digits = col.Limit, col.Digits
}
