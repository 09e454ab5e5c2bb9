// Package assignment creates assignments without a race: whatever happens at
// the same time, at most one assignment per [Key] is active.
//
//	svc, err := assignment.NewService(memory.New(nil), nil)
//	if err != nil {
//		return err
//	}
//	a, err := svc.Create(ctx, assignment.CreateParams{Key: assignment.Key{AssigneeID: "ana", SubjectID: "intake"}})
//	if err != nil {
//		return err // ErrActiveExists when the slot is taken
//	}
//	_, err = svc.Complete(ctx, a.ID) // frees the slot
//
// # Concepts
//
// A [Key] is a slot: who (the assignee) and what (the subject). An [Assignment]
// holds the slot of its key until its [Status] is terminal; then it is history.
// A [Lifecycle] says which statuses there are, which are terminal and which
// moves are allowed. A [Store] holds the rows and enforces a [Policy], of which
// the lifecycle is part; drivers implement it. A [Service] adds input checks, a
// clock and IDs. Call the Service, never the Store.
//
// # The guarantee
//
// At every moment at most one assignment per key has a status that is not
// terminal, for every interleaving of calls, goroutines and processes on one
// backend. In PostgreSQL a partial unique index enforces it, also against other
// programs; a store without that index does not open.
//
// # Retries and contexts
//
// An [ID] is chosen before the first attempt to write. A second Create with the
// same ID and content returns the row of the first one, so that the same call
// again resolves a lost reply. After a change whose reply was lost, read the
// row: others may have changed it since. [IfVersion] rejects a second change.
//
// A call whose context has ended sends nothing. When it ends during the call,
// the error is the context's only if it is certain that nothing was written,
// and [ErrUnknownOutcome] otherwise.
package assignment
