//go:build unix

package pgsuite

import (
	"context"
	"errors"
	"os"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/internal/faults"
	"github.com/assignment-go/assignment/internal/testdb"
	"github.com/assignment-go/assignment/postgres/schema"
)

// poolerConnections is how many connections to the server the pooler has: fewer
// than the stores have to it, and enough for those that wait for each other.
const poolerConnections = 24

// Pooler is a pgbouncer in transaction pooling.
type Pooler struct{ dsn string }

// MustPooler starts a pooler for the test.
func MustPooler(t *testing.T) Pooler {
	t.Helper()
	p, err := faults.StartPoolerOf(t.Context(), testdb.DSN(t), poolerConnections)
	if errors.Is(err, faults.ErrNoPooler) && os.Getenv("CI") == "" {
		t.Skipf("this part is left out: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return Pooler{p.DSN()}
}

// Opener opens stores that reach the server through the pooler. It does not know
// about search_path, so that the table is named with its schema.
func (p Pooler) Opener(open func(ctx context.Context, dsn string, table *schema.Table, policy assignment.Policy) (Handle, error)) Opener {
	return func(ctx context.Context, dsn string, policy assignment.Policy) (Handle, error) {
		config, err := pgx.ParseConfig(dsn)
		if err != nil {
			return Handle{}, err
		}
		h, err := open(ctx, p.dsn, &schema.Table{Schema: config.RuntimeParams["search_path"]}, policy)
		h.Single = false // a proxy before the server would be passed by
		h.Idle = nil     // the sessions of the server are those of the pooler
		return h, err
	}
}
