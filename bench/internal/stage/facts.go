package stage

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/assignment-go/assignment/bench/internal/result"
)

// Settings returns the settings of the server that the figures depend on.
func (s *Stage) Settings(ctx context.Context) ([]result.Fact, error) {
	rows, err := s.control.Query(ctx, `
SELECT name, current_setting(name) AS value FROM pg_settings
WHERE name IN ('server_version', 'fsync', 'synchronous_commit', 'full_page_writes', 'wal_level', 'max_connections',
  'shared_buffers', 'max_wal_size', 'default_transaction_isolation')
ORDER BY name = 'server_version' DESC, name`)
	if err != nil {
		return nil, fmt.Errorf("read the settings: %w", err)
	}
	facts, err := pgx.CollectRows(rows, pgx.RowToStructByPos[result.Fact])
	if err != nil {
		return nil, fmt.Errorf("read the settings: %w", err)
	}
	return facts, nil
}

// Sizes measures a table and its guard.
func (s *Stage) Sizes(ctx context.Context, table string) (result.Sizes, error) {
	const query = `
SELECT pg_table_size($1::regclass), pg_relation_size(indexrelid),
  (SELECT sum(pg_relation_size(i.indexrelid))::bigint FROM pg_index i WHERE i.indrelid = $1::regclass)
FROM pg_index WHERE indrelid = $1::regclass AND indisunique AND indpred IS NOT NULL`
	sizes := result.Sizes{Table: table}
	err := s.control.QueryRow(ctx, query, s.quoted(table)).Scan(&sizes.TableBytes, &sizes.GuardBytes, &sizes.IndexBytes)
	if err != nil {
		return sizes, fmt.Errorf("measure %s: %w", table, err)
	}
	count := fmt.Sprintf("SELECT count(*), count(*) FILTER (WHERE %s) FROM %s", Active, s.quoted(table))
	if err := s.control.QueryRow(ctx, count).Scan(&sizes.Rows, &sizes.Active); err != nil {
		return sizes, fmt.Errorf("measure %s: %w", table, err)
	}
	return sizes, nil
}
