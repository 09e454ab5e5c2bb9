package conformance_test

import (
	"context"
	"maps"
	"slices"
	"sync"
	"testing"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/conformance"
)

// table is a backend without a guard: each call is atomic, a sequence of calls is not.
type table struct {
	mu   sync.Mutex
	rows map[assignment.ID]assignment.Assignment
	// rejected are the keys whose new rows the table rejects.
	rejected map[assignment.Key]bool
}

func (t *table) reject(k assignment.Key) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.rejected[k] = true
}

// rule returns the error with which the table rejects a new row, or nil.
func (t *table) rule(a assignment.Assignment) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.rejected[a.Key] {
		return &assignment.InvalidError{Field: "Key", Reason: "is rejected by a rule of the table"}
	}
	return nil
}

func (t *table) get(id assignment.ID) (assignment.Assignment, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	a, ok := t.rows[id]
	return a, ok
}

func (t *table) put(a assignment.Assignment) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.rows[a.ID] = a
}

func (t *table) remove(id assignment.ID) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.rows, id)
}

func (t *table) copy() map[assignment.ID]assignment.Assignment {
	t.mu.Lock()
	defer t.mu.Unlock()
	return maps.Clone(t.rows)
}

func (t *table) replace(rows map[assignment.ID]assignment.Assignment) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.rows = rows
}

func (t *table) all(matches func(assignment.Assignment) bool) []assignment.Assignment {
	t.mu.Lock()
	defer t.mu.Unlock()
	var rows []assignment.Assignment
	for _, a := range t.rows {
		if matches(a) {
			rows = append(rows, a)
		}
	}
	return rows
}

// driver is a handle of a correct driver on a table. Mutants change its fields.
type driver struct {
	table     *table
	lifecycle assignment.Lifecycle
	// lock makes a call atomic; both handles share it.
	lock sync.Locker
	// begin takes the lock, unless the context has ended.
	begin func(ctx context.Context) error
	// between runs after the checks and before the write.
	between func()
	// sameSlot and holds are what the guard compares.
	sameSlot func(a, b assignment.Key) bool
	holds    func(assignment.Status) bool
	// guarded reports whether a change is checked against the slot.
	guarded func(assignment.Change) bool
	// createNew is Create under an ID that Service made; the caller holds the lock.
	createNew func(a assignment.Assignment) (assignment.Result, error)
	// sameID is the result of a create whose ID exists.
	sameID func(existing, a assignment.Assignment) (assignment.Result, error)
	// conflict is the error of a write to a taken slot.
	conflict func(k assignment.Key, holder assignment.Assignment) error
	// apply makes a change to a row.
	apply func(c assignment.Change, cur assignment.Assignment) (assignment.Assignment, error)
	// toStored is the row that is stored, toReturned the row that is returned.
	toStored, toReturned func(assignment.Assignment) assignment.Assignment
	// matches, behind and compare are the parts of List; counts is the part of Count.
	matches, counts func(q assignment.Query, a assignment.Assignment) bool
	behind          func(after assignment.Cursor, a assignment.Assignment) bool
	compare         func(a, b assignment.Assignment) int
}

func inOrder(a, b assignment.Assignment) int { return a.Cursor().Compare(b.Cursor()) }

func newDriver(t *table, lock sync.Locker, l assignment.Lifecycle) *driver {
	d := &driver{table: t, lifecycle: l, lock: lock}
	d.begin = func(ctx context.Context) error {
		d.lock.Lock()
		if err := ctx.Err(); err != nil {
			d.lock.Unlock()
			return err
		}
		return nil
	}
	d.between = func() {}
	d.sameSlot = func(a, b assignment.Key) bool { return a == b }
	d.holds = func(s assignment.Status) bool { return !l.IsTerminal(s) }
	d.guarded = func(assignment.Change) bool { return true }
	d.createNew = d.create
	d.sameID = replayOrReuse
	d.conflict = func(k assignment.Key, holder assignment.Assignment) error {
		return &assignment.ActiveExistsError{Key: k, Existing: d.toReturned(holder)}
	}
	d.apply = func(c assignment.Change, cur assignment.Assignment) (assignment.Assignment, error) {
		return c.Apply(cur, l)
	}
	d.toStored, d.toReturned = assignment.Assignment.Clone, assignment.Assignment.Clone
	d.matches = func(q assignment.Query, a assignment.Assignment) bool { return q.Matches(a, l) }
	d.counts = d.matches
	d.behind = func(after assignment.Cursor, a assignment.Assignment) bool { return a.Cursor().Compare(after) > 0 }
	d.compare = inOrder
	return d
}

func replayOrReuse(existing, a assignment.Assignment) (assignment.Result, error) {
	if !existing.SameRequest(a) {
		return assignment.Result{}, assignment.ErrIDReused
	}
	return assignment.Result{Assignment: existing.Clone(), Outcome: assignment.OutcomeReplayed}, nil
}

func (d *driver) Policy() assignment.Policy { return assignment.Policy{Lifecycle: d.lifecycle} }

func (d *driver) Create(ctx context.Context, a assignment.Assignment) (assignment.Result, error) {
	if err := d.begin(ctx); err != nil {
		return assignment.Result{}, err
	}
	defer d.lock.Unlock()
	return d.create(a)
}

// CreateNew implements assignment.NewIDCreator.
func (d *driver) CreateNew(ctx context.Context, a assignment.Assignment) (assignment.Result, error) {
	if err := d.begin(ctx); err != nil {
		return assignment.Result{}, err
	}
	defer d.lock.Unlock()
	return d.createNew(a)
}

// create is called with the lock held.
func (d *driver) create(a assignment.Assignment) (assignment.Result, error) {
	if existing, ok := d.table.get(a.ID); ok {
		return d.sameID(existing, a)
	}
	if holder, ok := d.otherHolder(a); ok {
		return assignment.Result{}, d.conflict(a.Key, holder)
	}
	d.between()
	if err := d.table.rule(a); err != nil {
		return assignment.Result{}, err
	}
	d.table.put(d.toStored(a))
	return assignment.Result{Assignment: d.toReturned(a), Outcome: assignment.OutcomeCreated}, nil
}

// otherHolder returns another row that holds the slot of a.
func (d *driver) otherHolder(a assignment.Assignment) (assignment.Assignment, bool) {
	rows := d.table.all(func(b assignment.Assignment) bool {
		return b.ID != a.ID && d.holds(b.Status) && d.sameSlot(a.Key, b.Key)
	})
	if len(rows) == 0 {
		return assignment.Assignment{}, false
	}
	return slices.MinFunc(rows, inOrder), true
}

func (d *driver) Update(ctx context.Context, id assignment.ID, c assignment.Change) (assignment.Assignment, error) {
	if err := d.begin(ctx); err != nil {
		return assignment.Assignment{}, err
	}
	defer d.lock.Unlock()
	cur, ok := d.table.get(id)
	if !ok {
		return assignment.Assignment{}, assignment.ErrNotFound
	}
	next, err := d.apply(c, cur)
	if err != nil {
		return assignment.Assignment{}, err
	}
	if holder, ok := d.otherHolder(next); ok && d.holds(next.Status) && d.guarded(c) {
		return assignment.Assignment{}, d.conflict(next.Key, holder)
	}
	d.between()
	d.table.put(d.toStored(next))
	return d.toReturned(next), nil
}

func (d *driver) Replace(ctx context.Context, next assignment.Assignment, to assignment.Status) (assignment.Result, error) {
	if err := d.begin(ctx); err != nil {
		return assignment.Result{}, err
	}
	defer d.lock.Unlock()
	if existing, ok := d.table.get(next.ID); ok {
		return d.sameID(existing, next)
	}
	retired, err := d.retire(next, to)
	if err != nil {
		return assignment.Result{}, err
	}
	d.table.put(d.toStored(next))
	return assignment.Result{Assignment: d.toReturned(next), Outcome: assignment.OutcomeCreated, Retired: retired}, nil
}

func (d *driver) retire(next assignment.Assignment, to assignment.Status) (*assignment.Assignment, error) {
	holder, ok := d.otherHolder(next)
	if !ok {
		return nil, nil
	}
	former, err := d.apply(assignment.Change{To: to, At: next.CreatedAt}, holder)
	if err != nil {
		return nil, err
	}
	d.table.put(d.toStored(former))
	d.between()
	former = d.toReturned(former)
	return &former, nil
}

func (d *driver) Get(ctx context.Context, id assignment.ID) (assignment.Assignment, error) {
	return d.one(ctx, func(a assignment.Assignment) bool { return a.ID == id })
}

func (d *driver) FindActive(ctx context.Context, k assignment.Key) (assignment.Assignment, error) {
	return d.one(ctx, func(a assignment.Assignment) bool { return d.sameSlot(a.Key, k) && d.holds(a.Status) })
}

func (d *driver) one(ctx context.Context, matches func(assignment.Assignment) bool) (assignment.Assignment, error) {
	if err := d.begin(ctx); err != nil {
		return assignment.Assignment{}, err
	}
	defer d.lock.Unlock()
	rows := d.table.all(matches)
	if len(rows) == 0 {
		return assignment.Assignment{}, assignment.ErrNotFound
	}
	return d.toReturned(slices.MinFunc(rows, inOrder)), nil
}

func (d *driver) List(ctx context.Context, q assignment.Query) ([]assignment.Assignment, error) {
	if err := d.begin(ctx); err != nil {
		return nil, err
	}
	defer d.lock.Unlock()
	rows := d.table.all(func(a assignment.Assignment) bool {
		return d.matches(q, a) && (q.After.IsZero() || d.behind(q.After, a))
	})
	slices.SortFunc(rows, d.compare)
	rows = rows[:min(len(rows), q.Limit)]
	for i := range rows {
		rows[i] = d.toReturned(rows[i])
	}
	return rows, nil
}

func (d *driver) Count(ctx context.Context, q assignment.Query) (int64, error) {
	if err := d.begin(ctx); err != nil {
		return 0, err
	}
	defer d.lock.Unlock()
	return int64(len(d.table.all(func(a assignment.Assignment) bool { return d.counts(q, a) }))), nil
}

// opener returns an Open that builds both handles on one table.
func opener(build func(*driver) assignment.Store) func(context.Context, assignment.Policy) (conformance.Backend, error) {
	return func(_ context.Context, p assignment.Policy) (conformance.Backend, error) {
		t := &table{rows: make(map[assignment.ID]assignment.Assignment), rejected: make(map[assignment.Key]bool)}
		lock := &sync.Mutex{}
		return conformance.Backend{
			Store:  build(newDriver(t, lock, p.Lifecycle)),
			Second: build(newDriver(t, lock, p.Lifecycle)),
			Plant: func(_ context.Context, a assignment.Assignment) error {
				t.put(a)
				return nil
			},
			Reject: func(_ context.Context, k assignment.Key) error {
				t.reject(k)
				return nil
			},
			OpenLossy: func(_ context.Context, meanwhile func()) (assignment.Store, error) {
				d := newDriver(t, lock, p.Lifecycle)
				build(d) // changes d as it changes the other handles
				return lossyDriver{driver: d, meanwhile: meanwhile}, nil
			},
			Begin: func(context.Context) (conformance.Tx, error) { return beginIsolated(t, lock, p.Lifecycle), nil },
		}, nil
	}
}

// beginIsolated begins a transaction that excludes all others until it ends.
func beginIsolated(t *table, lock sync.Locker, l assignment.Lifecycle) conformance.Tx {
	lock.Lock()
	existing := &table{rows: t.copy()}
	return conformance.Tx{
		Store: newDriver(existing, noLock{}, l),
		Commit: func(context.Context) error {
			t.replace(existing.copy())
			lock.Unlock()
			return nil
		},
		Rollback: func(context.Context) error {
			lock.Unlock()
			return nil
		},
	}
}

// TestDriver shows that the driver is correct, so that a mutant fails because of its fault.
func TestDriver(t *testing.T) {
	conformance.Run(t, conformance.Harness{Open: opener(func(d *driver) assignment.Store { return d })})
}
