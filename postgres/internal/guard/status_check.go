package guard

import (
	"context"
	"fmt"
	"slices"

	"github.com/assignment-go/assignment/postgres/internal/sqltext"
	"github.com/assignment-go/assignment/postgres/schema"
)

// statusChecks reports CHECK constraints that forbid a status of the lifecycle.
func (v *verifier) statusChecks(ctx context.Context) error {
	status := v.table().Columns.Status
	for _, c := range v.catalog.Checks {
		if !slices.Contains(c.Columns, status) {
			continue
		}
		var forbidden []string
		for _, s := range v.spec.Lifecycle.Statuses() {
			never, err := v.never(ctx, fmt.Sprintf("(%s) AND %s = %s", c.Condition, sqltext.Quote(status), sqltext.Literal(string(s))))
			if err != nil {
				return err
			}
			if never {
				forbidden = append(forbidden, string(s))
			}
		}
		if len(forbidden) > 0 {
			v.report.findf(schema.GuardStatusCheck, nil,
				"CHECK constraint %s forbids the statuses %q of the lifecycle: extend it, or open the store with a "+
					"lifecycle without them; it is CHECK (%s)", sqltext.Quote(c.Name), forbidden, c.Condition)
		}
	}
	return nil
}
