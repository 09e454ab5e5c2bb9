package adopt

import (
	"context"
	"fmt"
	"strconv"

	"github.com/assignment-go/assignment"
)

// rehearsal is the run ID of changes that are rolled back.
const rehearsal = ""

// rehearse finds what would stop a repair before anything is written. It previews
// all changes, and then makes one of each kind in a transaction that is rolled
// back: triggers and foreign keys react only to a change that is made.
func (s *session) rehearse(ctx context.Context, candidates [][]string) error {
	kinds := make(map[string]bool)
	var ids []string
	err := s.rows().preview(ctx, s.conn, candidates, func(groups []Group, changes []Change) {
		for _, c := range changes {
			kind := fmt.Sprintf("%s to %q", quoteStatus(c.OldStatus), c.NewStatus)
			if !kinds[kind] {
				kinds[kind] = true
				ids = append(ids, idsInSlot(groups, c.Key)...)
			}
		}
	})
	if err != nil || len(ids) == 0 {
		return err
	}
	return s.retryBatch(ctx, ids, s.rehearseBatch)
}

func quoteStatus(s *assignment.Status) string {
	if s == nil {
		return "NULL"
	}
	return strconv.Quote(string(*s))
}

// idsInSlot returns the whole group, without which a policy can't decide.
func idsInSlot(groups []Group, key assignment.Key) []string {
	var ids []string
	for _, g := range groups {
		if g.Key != key {
			continue
		}
		for _, row := range g.Rows {
			ids = append(ids, string(row.ID))
		}
	}
	return ids
}

// rehearseBatch makes the changes and rolls them back.
func (s *session) rehearseBatch(ctx context.Context, ids []string) error {
	tx, err := s.conn.Begin(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback(ctx) }()
	if _, _, err := s.changeLocked(ctx, tx, rehearsal, ids); err != nil {
		return err
	}
	// a deferred constraint would fail only at COMMIT
	_, err = tx.Exec(ctx, "SET CONSTRAINTS ALL IMMEDIATE")
	return err
}
