package conformance

import "github.com/assignment-go/assignment"

func replaceRaceRules() []Rule {
	return withNeed(AbilityReplace, []Rule{
		{
			Name: "race/replace_against_replace",
			Statement: "Concurrent callers of Replace all succeed, one after the other: one row is active at the end, and " +
				"every other row is the retired one of exactly one call.",
			Contract: onReplace,
			check:    replaceAgainstReplace,
		},
		{
			Name:      "race/replace_against_create",
			Statement: "A Create never succeeds on a taken slot while it is being replaced.",
			Contract:  onReplaceAtomic,
			check:     replaceAgainstCreate,
		},
		{
			Name:      "race/replace_is_never_partially_visible",
			Statement: "A reader sees exactly one active row while the slot is being replaced, never none and never two.",
			Contract:  onReplaceAtomic,
			check:     replaceIsNeverSeenHalfDone,
		},
	})
}

// replaces lets n callers replace on a key concurrently; all must succeed.
func (p *probe) replaces(n int, k assignment.Key) attempts {
	all := make(attempts, n)
	p.together(n, func(i int) {
		params := p.params(k)
		p.ok("replace against others", p.retryContended(func() (err error) {
			all[i].result, err = p.replace(p.ctx, p.handle(i), params)
			return err
		}))
	})
	return all
}

func replaceAgainstReplace(p *probe) {
	p.rounds(raceRounds, func() {
		first := p.newRow()
		all := p.replaces(8, first.Key)
		active := p.oneActive(first.Key)
		history := p.list(p.other, assignment.Query{AssigneeID: first.Key.AssigneeID})
		if len(history) != len(all)+1 {
			p.failf("%d replaces on a taken slot left %d rows, want %d", len(all), len(history), len(all)+1)
		}
		p.retiredOnce(all, history, active)
	})
}

// retiredOnce wants each row except the active one to be the Retired of exactly one result,
// as stored.
func (p *probe) retiredOnce(all attempts, history []assignment.Assignment, active assignment.Assignment) {
	retired := make(map[assignment.ID]assignment.Assignment)
	for _, a := range all {
		former := a.result.Retired
		if former == nil {
			p.failf("a replace on a taken slot succeeded and retired nothing: %q", a.result.Assignment.ID)
		}
		if _, twice := retired[former.ID]; twice {
			p.failf("%q was retired twice", former.ID)
		}
		retired[former.ID] = *former
	}
	for _, row := range history {
		former, ok := retired[row.ID]
		if ok == (row.ID == active.ID) {
			p.failf("row %q: active is %t, retired is %t", row.ID, row.ID == active.ID, ok)
		}
		if ok {
			p.same("a retired row", row, former)
		}
	}
}

func replaceAgainstCreate(p *probe) {
	p.rounds(raceRounds, func() {
		k := p.newRow().Key
		p.together(8, func(i int) {
			params := p.params(k)
			err := p.retryContended(func() error {
				if i%2 == 0 {
					_, err := p.replace(p.ctx, p.handle(i/2), params)
					return err
				}
				_, err := p.handle(i/2).Create(p.ctx, params)
				return err
			})
			if i%2 == 0 {
				p.ok("replace against create", err)
				return
			}
			p.wantError("create against replace", err, assignment.ErrActiveExists)
		})
		p.oneActive(k)
		p.wantCount(assignment.Query{AssigneeID: k.AssigneeID}, 5)
	})
}

func replaceIsNeverSeenHalfDone(p *probe) {
	p.rounds(raceRounds, func() {
		k := p.newRow().Key
		p.together(6, func(i int) {
			if i%2 == 0 {
				params := p.params(k)
				p.ok("replace", p.retryContended(func() error {
					_, err := p.replace(p.ctx, p.handle(i/2), params)
					return err
				}))
				return
			}
			for range 10 {
				p.seenWhole(p.handle(i/2), k)
			}
		})
	})
}

func (p *probe) seenWhole(s *assignment.Service, k assignment.Key) {
	if active := p.list(s, activeOn(k)); len(active) != 1 {
		p.failf("a reader saw %d active rows during a replace, want 1: %q", len(active), ids(active))
	}
	n, err := s.Count(p.ctx, activeOn(k))
	p.ok("count", err)
	if n != 1 {
		p.failf("a reader counted %d active rows during a replace, want 1", n)
	}
	_, err = s.FindActive(p.ctx, k)
	p.ok("find the holder during a replace", err)
}
