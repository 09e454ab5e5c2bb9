package adopt

import (
	"context"
	"time"
)

// watchBuild reports the progress of the index build that is about to start on the
// session's connection, over a second connection if one is available. The function
// that it returns ends that.
func (s *session) watchBuild(ctx context.Context) (stop func()) {
	if s.Progress == nil {
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.watch(ctx, s.pid)
	}()
	return func() {
		cancel()
		<-done
	}
}

// watch polls the server's progress view. Errors end it silently: the build does not
// depend on it.
func (s *session) watch(ctx context.Context, pid uint32) {
	conn, err := s.pool.Acquire(ctx)
	if err != nil {
		return
	}
	defer conn.Release()
	var last Progress
	for sleep(ctx, 2*pollInterval) == nil {
		query, cancel := context.WithTimeout(ctx, 5*time.Second)
		var p Progress
		err := conn.QueryRow(query, `SELECT 'build: ' || phase,
			CASE WHEN lockers_total > 0 THEN lockers_done WHEN blocks_total > 0 THEN blocks_done ELSE tuples_done END,
			CASE WHEN lockers_total > 0 THEN lockers_total WHEN blocks_total > 0 THEN blocks_total ELSE tuples_total END
			FROM pg_stat_progress_create_index WHERE pid = $1`, int32(pid)).Scan(&p.Phase, &p.Done, &p.Total) //nolint:gosec // a PID
		cancel()
		if err == nil && p != last {
			last = p
			s.report(p)
		}
	}
}
