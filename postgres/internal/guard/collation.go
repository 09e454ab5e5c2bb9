package guard

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/assignment-go/assignment/postgres/internal/sqltext"
	"github.com/assignment-go/assignment/postgres/schema"
)

// collations warns of indexes whose sort order has changed since they were built:
// they may have missed duplicates since.
func (v *verifier) collations(ctx context.Context) error {
	database, err := v.databaseCollation(ctx)
	if err != nil {
		return err
	}
	for _, d := range v.report.Verdicts {
		i := d.Index
		stale := slices.Clone(i.StaleCollations)
		if i.DefaultCollation && database != "" {
			stale = append(stale, database)
		}
		if len(stale) == 0 || d.Role != RoleGuard && !i.Identifies(v.table().Columns) {
			continue
		}
		v.report.warnf(schema.GuardCollationVersion, []string{fmt.Sprintf("REINDEX INDEX CONCURRENTLY %s;", i)},
			"index %s sorts by the collation %s, whose version has changed since the index was built: the index may be out of "+
				"order and miss duplicates. Rebuild it and every other index that uses the collation; then run ALTER COLLATION "+
				"or ALTER DATABASE … REFRESH [COLLATION] VERSION", sqltext.Quote(i.Name), strings.Join(stale, ", "))
	}
	return nil
}

// databaseCollation names the default collation if its version has changed.
// PostgreSQL records that version since 15.
func (v *verifier) databaseCollation(ctx context.Context) (string, error) {
	const since = 150000
	if v.catalog.Version < since || !slices.ContainsFunc(v.catalog.Indexes, func(i Index) bool { return i.Unique && i.DefaultCollation }) {
		return "", nil
	}
	name, err := v.q.Text(ctx, `SELECT 'of the database' FROM pg_database
WHERE datname = current_database() AND datcollversion <> pg_database_collation_actual_version(oid)`)
	if err != nil {
		return "", fmt.Errorf("look up the version of the collation: %w", err)
	}
	return name, nil
}
