package pgsuite

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/assignment-go/assignment"
)

// place is a schema with the table in it, and two handles on it.
type place struct {
	name, dsn     string
	policy        assignment.Policy
	first, second Handle
	// spoiled means that a rule has put more than rows there.
	spoiled atomic.Bool
}

func (p *place) connections() int { return p.first.Connections() + p.second.Connections() }

// patience is how long a rule's last statements are waited for before its place
// is given up, which costs time and nothing else.
const patience = 2 * time.Second

// quiesced waits until the server has no sessions left but those that idle in the
// handles: one whose call was cut short may be about to run a statement that its
// client has given up, which must not write into the table of the next rule.
func (b *backends) quiesced(p *place) bool {
	if p.first.Idle == nil || p.second.Idle == nil {
		return false
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	ticker := time.NewTicker(time.Millisecond)
	defer ticker.Stop()
	for !b.quiet(ctx, p) {
		select {
		case <-ctx.Done():
			return false
		case <-ticker.C:
		}
	}
	return true
}

// quiet counts the idle connections first: none that is closed in between can
// hide a session that is not among them.
func (b *backends) quiet(ctx context.Context, p *place) bool {
	if p.connections() > 0 {
		return false
	}
	idle := p.first.Idle() + p.second.Idle()
	var sessions int
	err := b.admin.In(ctx, p.name, func(ctx context.Context, conn *pgx.Conn) error {
		return conn.QueryRow(ctx, "SELECT count(*) FROM pg_stat_activity WHERE application_name = $1", p.name).Scan(&sessions)
	})
	return err == nil && sessions == idle
}

// storage keeps at most one place of each policy.
type storage struct {
	mu     sync.Mutex
	places []*place
	ended  bool
}

// take returns a place of the policy, nil if none is kept.
func (s *storage) take(policy assignment.Policy) *place {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := s.index(policy)
	if i < 0 {
		return nil
	}
	p := s.places[i]
	s.places = slices.Delete(s.places, i, i+1)
	return p
}

// put reports whether the place is kept.
func (s *storage) put(p *place) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended || s.index(p.policy) >= 0 {
		return false
	}
	s.places = append(s.places, p)
	return true
}

// end returns what is kept; from now on nothing is.
func (s *storage) end() []*place {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended = true
	return s.places
}

func (s *storage) index(policy assignment.Policy) int {
	return slices.IndexFunc(s.places, func(p *place) bool { return p.policy.Equal(policy) })
}
