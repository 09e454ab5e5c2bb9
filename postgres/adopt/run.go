package adopt

import (
	"context"
	"fmt"
)

// runSteps stops at the first step that fails, and after a wait, because the plan is
// outdated then.
func (s *session) runSteps(ctx context.Context, steps []Step, result *GuardResult) error {
	for n, step := range steps {
		s.report(Progress{Phase: step.Action, Done: int64(n), Total: int64(len(steps))})
		if err := s.sameSession(ctx); err != nil {
			return err
		}
		if err := s.runStep(ctx, step, result); err != nil {
			return fmt.Errorf("%s: %w", step.Action, err)
		}
		if step.wait {
			return nil
		}
		result.Done = append(result.Done, step)
	}
	return nil
}

func (s *session) runStep(ctx context.Context, step Step, result *GuardResult) error {
	switch {
	case step.wait:
		return s.await(ctx, func() (string, error) { return builders(ctx, s.conn, s.t.Catalog.OID) })
	case step.repair:
		return s.repairBetween(ctx, result)
	case step.brief:
		return s.exec(ctx, s.LockTimeout, step.SQL...)
	case step.builds != "":
		return s.build(ctx, step)
	}
	return s.exec(ctx, s.WaitTimeout, step.SQL...)
}

func (s *session) build(ctx context.Context, step Step) error {
	stop := s.watchBuild(ctx)
	err := s.exec(ctx, s.WaitTimeout, step.SQL...)
	stop()
	if err != nil {
		return err
	}
	return s.verifyBuilt(ctx, step.in, step.builds)
}

func (s *session) repairBetween(ctx context.Context, result *GuardResult) error {
	repaired, err := s.repairAll(ctx)
	result.Repaired.RunID = repaired.RunID
	result.Repaired.Retired += repaired.Retired
	result.Repaired.Rewritten += repaired.Rewritten
	result.Repaired.Remaining = repaired.Remaining
	return err
}
