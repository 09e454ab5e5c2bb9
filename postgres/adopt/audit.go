package adopt

import (
	"context"
	"fmt"

	"github.com/assignment-go/assignment/postgres/schema"
)

// auditLock serialises the creation of audit tables: IF NOT EXISTS alone fails
// when two transactions create the same table. The number must never change.
const auditLock = 5_926_140_338_712_095_744

// createAudit creates the audit table unless it exists.
func (s *session) createAudit(ctx context.Context) error {
	err := s.exec(ctx, s.WaitTimeout,
		fmt.Sprintf("SELECT pg_advisory_xact_lock(%d)", int64(auditLock)),
		"SET LOCAL client_min_messages = warning",
		fmt.Sprintf(`CREATE TABLE IF NOT EXISTS %s (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run_id      text NOT NULL,
    table_name  text NOT NULL,
    row_id      text NOT NULL,
    assignee    text NOT NULL,
    subject     text NOT NULL,
    old_status  text,
    new_status  text NOT NULL,
    kept_id     text,
    policy      text NOT NULL,
    at          timestamptz NOT NULL DEFAULT now()
)`, s.audit()))
	if err != nil {
		return fmt.Errorf("create audit table %s: %w", s.audit(), err)
	}
	return nil
}

func (s *session) audit() schema.Table {
	return schema.Table{Schema: s.t.Table.Schema, Name: s.repair.AuditTable}
}
