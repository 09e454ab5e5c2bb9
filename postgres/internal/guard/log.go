package guard

import (
	"context"
	"log/slog"

	"github.com/assignment-go/assignment/postgres/schema"
)

// Log writes to the logger, which may be nil, what the host should know about a
// guard that was accepted.
func Log(ctx context.Context, logger *slog.Logger, g schema.Guard) {
	if logger == nil {
		return
	}
	if !g.Exact {
		logger.WarnContext(ctx, "assignment guard differs from the one that the SDK builds",
			"table", g.Table, "index", g.Index, "predicate", g.Predicate, "expected", g.Expected)
	}
	for _, w := range g.Warnings {
		logger.WarnContext(ctx, "assignment guard has a warning",
			"table", g.Table, "problem", string(w.Problem), "detail", w.Detail, "fix", w.Fix)
	}
}
