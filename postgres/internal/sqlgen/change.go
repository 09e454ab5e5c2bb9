package sqlgen

import (
	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/pgdb"
	"github.com/assignment-go/assignment/postgres/internal/sqltext"
)

// transition renders the move to one status.
func (r renderer) transition(to assignment.Status) Statement {
	b := newBinder()
	c := change{hasID: r.hasID(b), set: r.move(b, to), conditions: []string{r.mayMove(to)}, wrong: []difference{r.isOtherStatus(to)}}
	if !r.lifecycle.IsTerminal(to) {
		c.targetAssignee = "current." + r.assignee.quoted()
	}
	return r.change(b, c)
}

// reassign leaves a terminal row alone: it holds no slot that could move.
func (r renderer) reassign() Statement {
	b := newBinder()
	hasID := r.hasID(b)
	param := b.bind("assignee_id", func(in *Input) any { return in.Change.AssigneeID })
	assignee := r.assignee.match(param)
	return r.change(b, change{
		hasID:          hasID,
		set:            append([]string{r.assignee.quoted() + " = " + r.assignee.put(param)}, r.touch(b)...),
		conditions:     []string{r.active, r.assignee.quoted() + " <> " + assignee},
		targetAssignee: assignee,
		wrong: []difference{
			{r.assignee.name, text{r.assignee.quoted() + " IS DISTINCT FROM " + assignee}},
			{r.status.name, text{"NOT (" + r.active + ")"}},
		},
	})
}

// move renders what a row is set to that moves to a status.
func (r renderer) move(b *binder, to assignment.Status) []string {
	set := append([]string{r.status.quoted() + " = " + sqltext.Literal(string(to))}, r.touch(b)...)
	switch {
	case !r.completed.mapped():
		return set
	case r.lifecycle.IsTerminal(to):
		return append(set, r.setTime(b, r.completed))
	default:
		return append(set, r.completed.quoted()+" = NULL")
	}
}

// touch renders what every change sets.
func (r renderer) touch(b *binder) []string {
	var set []string
	if r.version.mapped() {
		set = append(set, r.version.quoted()+" = "+r.versionNow()+" + 1")
	}
	if r.updated.mapped() {
		set = append(set, r.setTime(b, r.updated))
	}
	return set
}

func (r renderer) setTime(b *binder, f field) string {
	at := b.bind(f.result, func(in *Input) any { return optionalTime(f.truncate(in.Change.At)) })
	return f.quoted() + " = " + f.put(at)
}

// change is the part in which the updates differ.
type change struct {
	hasID string
	set   []string
	// conditions are those on the row that is to change.
	conditions []string
	// targetAssignee is the assignee of the slot that the row takes; empty when it
	// takes none.
	targetAssignee string
	// wrong are the ways in which a trigger may have stored something else.
	wrong []difference
}

// change renders one guarded UPDATE together with what is needed to tell why
// it did not happen. The conditions of the UPDATE are evaluated on the newest
// version of the row, also when another transaction held its lock; current and
// holder are as old as the statement's snapshot, and only explain.
func (r renderer) change(b *binder, c change) Statement {
	var holder, guarded cte
	var selectHolder text
	free := where(append(append([]string{c.hasID}, c.conditions...), r.ifVersion(b)...)...)
	if c.targetAssignee != "" {
		holder, guarded = r.targetHolder(c.targetAssignee), r.guarded("current")
		free = append(free, "  AND NOT EXISTS (SELECT FROM holder)")
		selectHolder = r.selectAs(pgdb.RowHolder, "holder")
	}
	return b.statement(
		with(
			materialized("current", r.columns(), where(c.hasID)),
			holder,
			guarded,
			as("changed",
				text{"UPDATE " + r.table},
				listed("SET ", c.set, ""),
				text{
					"-- prevents a lost update: evaluated on the newest version of the row, also when the statement",
					"-- had to wait for another transaction to release it",
				},
				free,
				listed("RETURNING ", names(r.stored(), ""), "")),
		),
		union(
			stacked(
				explained(r.projection("SELECT", unless(OnUpdate, r.wrong(b, c), kind(pgdb.RowChanged)))),
				text{"FROM changed"}),
			selectHolder,
			r.selectAs(pgdb.RowCurrent, "current"),
		),
	)
}

// targetHolder finds another row that holds the slot which the row is to take.
func (r renderer) targetHolder(assignee string) cte {
	subject := "current." + r.subject.quoted()
	return materialized("holder",
		text{
			"-- prevents a violation, which would abort the transaction. The guard itself prevents a second",
			"-- active row beside a holder that is not visible yet",
		},
		listed("SELECT ", names(r.stored(), "holder."), ""),
		text{"FROM current"},
		r.joinHolder(assignee, subject),
		where("holder."+r.id.quoted()+" <> current."+r.id.quoted()))
}

// wrong are the ways in which a changed row may have been stored otherwise than
// requested. A version that does not grow would let two callers pass with the
// same IfVersion.
func (r renderer) wrong(b *binder, c change) []difference {
	if !r.Triggers.BeforeUpdate {
		return nil
	}
	differences := append([]difference{r.isNot(b, r.id)}, c.wrong...)
	if r.version.mapped() {
		differences = append(differences, difference{r.version.name,
			text{"COALESCE(" + r.version.quoted() + ", 0) <= (SELECT " + r.versionNow() + " FROM current)"}})
	}
	if r.request.mapped() {
		differences = append(differences, difference{r.request.name,
			text{r.request.quoted() + " <> (SELECT current." + r.request.quoted() + " FROM current)"}})
	}
	return differences
}

// ifVersion is the condition on the version; zero accepts any.
func (r renderer) ifVersion(b *binder) []string {
	if !r.version.mapped() {
		return nil
	}
	version := b.bind("if_version", func(in *Input) any { return in.Change.IfVersion })
	return []string{version + "::bigint IN (0, " + r.versionNow() + ")"}
}
