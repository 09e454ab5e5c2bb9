package faults

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/assignment-go/assignment"
)

// recordHistory creates a trigger that records every state of every row. It
// fires inside the writing transaction, so that a rollback removes the record;
// and since the next holder of a key waits for the commit of the one before, seq
// is in commit order among the rows of one key.
const recordHistory = `
CREATE TABLE history (
  seq bigserial PRIMARY KEY,
  id text NOT NULL, assignee_id text NOT NULL, subject_id text NOT NULL,
  status text NOT NULL, version bigint NOT NULL, updated_at timestamptz NOT NULL
);
CREATE FUNCTION record_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO history (id, assignee_id, subject_id, status, version, updated_at)
  VALUES (NEW.id, NEW.assignee_id, NEW.subject_id, NEW.status, NEW.version, NEW.updated_at);
  RETURN NULL;
END $$;
CREATE TRIGGER record_history AFTER INSERT OR UPDATE ON assignments
  FOR EACH ROW EXECUTE FUNCTION record_history();`

// state is one state of one row.
type state struct {
	Seq       int64
	ID        assignment.ID
	Key       assignment.Key
	Status    assignment.Status
	Version   int64
	UpdatedAt time.Time
}

func (s state) active() bool { return s.Status == assignment.StatusPending }

func readHistory(ctx context.Context, conn *pgx.Conn) ([]state, error) {
	return readStates(ctx, conn, `
		SELECT seq, id, assignee_id, subject_id, status, version, updated_at FROM history ORDER BY seq`)
}

// readRows reads the table without its indexes, which might be corrupt.
func readRows(ctx context.Context, conn *pgx.Conn) ([]state, error) {
	if _, err := conn.Exec(ctx, "SET enable_indexscan = off; SET enable_indexonlyscan = off; SET enable_bitmapscan = off"); err != nil {
		return nil, err
	}
	return readStates(ctx, conn, `
		SELECT 0::bigint, id, assignee_id, subject_id, status, version, updated_at FROM assignments`)
}

func readStates(ctx context.Context, conn *pgx.Conn, sql string) ([]state, error) {
	rows, err := conn.Query(ctx, sql)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (state, error) {
		var s state
		err := row.Scan(&s.Seq, &s.ID, &s.Key.AssigneeID, &s.Key.SubjectID, &s.Status, &s.Version, &s.UpdatedAt)
		return s, err
	})
}
