// Package assignment creates assignments without a race: whatever happens at
// the same time, at most one assignment per [Key] is active.
//
// # First steps
//
//	svc, err := assignment.NewService(memory.New(nil), nil)
//	if err != nil {
//		return err
//	}
//
//	a, err := svc.Create(ctx, assignment.CreateParams{
//		Key: assignment.Key{AssigneeID: "ana", SubjectID: "intake"},
//	})
//	if conflict, ok := errors.AsType[*assignment.ActiveExistsError](err); ok {
//		return fmt.Errorf("taken by %s since %s", conflict.Existing.ID, conflict.Existing.CreatedAt)
//	}
//	if err != nil {
//		return err
//	}
//
//	_, err = svc.Complete(ctx, a.ID) // frees the slot
//
// Package memory suits tests and prototypes, package postgres production. The
// calls on [Service] are the same for both.
//
// # Concepts
//
// A [Key] is a slot: who (the assignee) and what (the subject). An [Assignment]
// holds the slot of its key from its creation until its [Status] becomes
// terminal. After that it is history, of which a key may have any amount.
//
// A [Lifecycle] names the statuses, says which of them are terminal and which
// moves are allowed. It belongs to the store, because the store enforces it.
//
// A [Store] keeps the rows and the promise; drivers implement it. A [Service]
// is a store with input checks, a clock and IDs around it. Call the Service,
// never the Store.
//
// # The guarantee
//
// At every moment at most one assignment per key has a status that is not
// terminal, for every interleaving of calls, goroutines and processes that work
// on the same backend.
//
// With PostgreSQL a partial unique index enforces it, against other programs
// that write to the table as well. The driver looks for that index when it
// opens and refuses to work without it. What a server acknowledged and then
// lost, as asynchronous replication can after a failover, no client can
// restore.
//
// # IDs and retries
//
// An [ID] is chosen before the first attempt to write. A second Create with the
// same ID and content finds the first one's row and succeeds; [Service.Ensure]
// reports it as [OutcomeReplayed]. So the answer to a lost reply is the same
// call again, with the ID that the caller chose or that [UnknownOutcomeError]
// carries. After a change whose reply was lost, read the row before you repeat it:
// a move to the status that the row already has returns the row unchanged, but
// when somebody else has moved it on since, a second move would undo their work.
// [IfVersion] excludes that: such a repetition is [ErrStale].
//
// # Batches
//
// [Service.CreateMany] sends many at once and returns a result for each, at its
// index: one that is taken stops no other. With [BatchOptions.AllOrNothing] all
// are created at one moment, or a [*BatchError] names the item that was refused
// and nothing is.
//
// # Contexts
//
// Every call honours its context. If the context has ended before the call,
// nothing is sent and the error is the context's. If it ends on the way, the
// error is the context's where it is certain that nothing was written, and
// [ErrUnknownOutcome] otherwise: a cancelled insert may still take effect. No error
// is both, so that it does not matter which of them is tested for first.
//
// # Concurrency
//
// A Service adds no limit to that of its store: package memory, and PostgreSQL on
// a pool, serve any number of goroutines; a store on a single connection or in
// a transaction serves one at a time. No call leaves a goroutine behind.
//
// Assignments are values. Nothing that is passed in or returned shares memory
// with the store.
//
// # Errors
//
// Test with [errors.Is] for the sentinel, and with [errors.AsType] for the type
// that carries the facts. The driver's own error stays in the chain.
//
//   - [ErrActiveExists], [*ActiveExistsError]: another assignment holds the slot
//     and comes with the error. Show it, or call [Service.Ensure] instead.
//   - [ErrInvalid], [*InvalidError]: the input broke a rule. Correct the field.
//   - [ErrNotFound]: there is no such assignment.
//   - [ErrTransition], [*TransitionError]: the lifecycle forbids the move.
//   - [ErrStale]: the version named with [IfVersion] is outdated. Read again.
//   - [ErrIDReused]: another request, one with another key or content, used the
//     ID before. Use a new one.
//   - [ErrContended]: locks or timeouts ended the attempt, and nothing was
//     written. Try again.
//   - [ErrRetryTransaction]: the caller's transaction is lost. Run it again from
//     its beginning.
//   - [ErrUnknownOutcome], [*UnknownOutcomeError]: the write may have happened.
//     Repeat a creation with the same ID; after a change read the row.
//   - [ErrUnguarded], [*GuardError]: the store can't keep the guarantee. Don't
//     start.
//   - [ErrUnsupported], [*UnsupportedError]: this store lacks the ability.
//   - [ErrUnavailable]: the store failed for a reason of its own, and nothing
//     was written. Try again later.
//
// # Transactions
//
// [Service.WithStore] puts the same service on a store that joins the caller's
// transaction. An assignment is then created together with the caller's other
// writes, or not at all. Until that transaction ends, others who want the slot
// wait. When the reply to its COMMIT is lost, run the transaction again with the
// same ID.
package assignment
