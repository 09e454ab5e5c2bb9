package assignment

import "context"

// Store is what a driver implements. Hosts call [Service], which validates
// input, stamps times, makes IDs and fingerprints, and wraps errors. Package
// conformance checks every rule below; docs/drivers.md explains them.
//
//  1. The guarantee: at every moment at most one assignment per [Key] has a status
//     that is not terminal in the store's lifecycle. No interleaving of calls,
//     handles, processes or failures may break this, even for an instant.
//  2. Input is valid: statuses are known, times are UTC in whole microseconds,
//     metadata is decoded JSON. A new row has an ID, unless the store is an
//     [IDMaker].
//  3. The context is never nil. Methods are called from any number of goroutines.
//  4. Atomicity: each call happens entirely or not at all, at one moment
//     between its begin and its end, and is seen by every later call on every
//     handle of the same backend.
//  5. Context: a call whose context has ended before it starts writes nothing
//     and returns the context's error. One whose context ends on the way
//     returns soon: with the context's error only if it is certain that nothing
//     was written, [*UnknownOutcomeError] alone otherwise. Once a write may have been
//     carried out without a reply, no rejection is believed, and a change is
//     never sent again: others may have worked on the row since.
//  6. Copies: nothing that is passed in or returned shares memory with the store.
//  7. Times, metadata and all other attributes come back as they were given,
//     Request among them.
//  8. Errors are those of this package; what the backend reported stays in their
//     chain. A lock that could not be had in time is [ErrContended].
//  9. A rejected call changes nothing: no row, no version, no time.
//
// A driver that can do more implements an optional interface, [Replacer],
// [BatchCreator], [NewIDCreator] or [IDMaker]. New abilities always come that
// way, never as a new method of Store.
type Store interface {
	// Policy returns the rules that this store enforces, always the same.
	Policy() Policy

	// Create adds a, whose Status is the initial one and whose Version is 1.
	// The rules are tried in this order:
	//
	//   - A row with a.ID exists and [Assignment.SameRequest] holds: the row as it
	//     is now, with OutcomeReplayed, even when it has been completed since.
	//   - A row with a.ID exists and it does not hold: ErrIDReused.
	//   - Another row holds the slot of a.Key: *ActiveExistsError with that row,
	//     which held the slot at some moment during the call. A holder that the
	//     backend hides from this caller counts, but is not in the error.
	//   - Otherwise a is stored and returned with OutcomeCreated.
	Create(ctx context.Context, a Assignment) (Result, error)

	// Update makes one change to the row with this ID and returns it. The rules
	// are tried in this order:
	//
	//   - No such row: ErrNotFound.
	//   - What [Change.Apply] rejects: its error.
	//   - What Change.Apply finds already so: the row unchanged, success.
	//   - The changed row would hold the slot of its key while another row does:
	//     *ActiveExistsError with that row.
	//   - Otherwise the row is as Change.Apply returned it.
	Update(ctx context.Context, id ID, c Change) (Assignment, error)

	// Get returns the row with this ID, or ErrNotFound.
	Get(ctx context.Context, id ID) (Assignment, error)
	// FindActive returns the row that holds the slot, or ErrNotFound.
	FindActive(ctx context.Context, k Key) (Assignment, error)

	// List returns the first q.Limit rows that match q behind q.After, in the
	// order of [Query]. Limit is always positive here. Fewer rows than Limit
	// mean that there are no more. One call sees one moment.
	List(ctx context.Context, q Query) ([]Assignment, error)
	// Count returns how many rows match q; After and Limit are to be ignored.
	Count(ctx context.Context, q Query) (int64, error)
}

// Replacer is the optional ability behind [Service.Replace].
type Replacer interface {
	// Replace retires the holder of next.Key to the terminal status retireTo and
	// creates next, in one atomic step. The rules are tried in this order:
	//
	//   - next.ID exists: as for Create, replayed or ErrIDReused; nobody is retired.
	//   - The lifecycle does not allow the holder to move to retireTo:
	//     *TransitionError about the holder.
	//   - Otherwise the holder, if any, changes as [Change.Apply] says with
	//     next.CreatedAt as the time, and next is created. Result.Retired is the
	//     former holder as it is now.
	Replace(ctx context.Context, next Assignment, retireTo Status) (Result, error)
}

// NewIDCreator is the optional ability to save work when no row can have the ID.
type NewIDCreator interface {
	// CreateNew is Create for an ID that [Service] made for this very call. Should
	// it be in use all the same, a conflict with another holder may come first.
	CreateNew(ctx context.Context, a Assignment) (Result, error)
}

// IDMaker is the optional ability of a store whose backend makes the IDs. It gets
// rows with an empty ID and returns them with the one that was made. Nothing is
// ever replayed, and a lost reply stays [ErrUnknownOutcome] without an ID.
type IDMaker interface {
	// MakesIDs tells whether this store is one, and never changes.
	MakesIDs() bool
}

// BatchCreator is the optional ability behind [Service.CreateMany]. Without it,
// Service calls Create once per item, and AllOrNothing is [ErrUnsupported].
type BatchCreator interface {
	// CreateMany adds the rows of the batch, which is never empty. The driver
	// neither changes nor retains the slice, and leaves ItemResult.ID to Service.
	//
	//  1. Each item has the result, or in Err the error, that Create would have
	//     had for it at a moment of its own during the call. Items that share an
	//     ID or a key have those of calls in the order of the batch.
	//  2. There is one result per item, at its index. The failure of one item
	//     stops no other.
	//  3. An item that was not sent because the context ended has the context's
	//     error. An item that may have been written has an [*UnknownOutcomeError]
	//     with its own ID.
	//  4. An error of the call is about all items, and comes without results:
	//     nothing was written for any of them, or nothing is known of any.
	//  5. With opts.AllOrNothing all rows are added at one moment, or none is. No
	//     two items share a key unless they share an ID.
	//  6. When Create in the order of the batch would then reject items, the error
	//     of the call is a [*BatchError] with the index and the error of the first
	//     of them. A replay is no rejection. Any other failure is the error of the
	//     call; an unknown outcome has the ID of the first item.
	//  7. A batch has any size. Batches that overlap wait for each other at most: in
	//     whatever order their items are, none fails because of a deadlock.
	CreateMany(ctx context.Context, batch []Assignment, opts BatchOptions) ([]ItemResult, error)
}
