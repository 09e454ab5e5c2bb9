package assignment

import "context"

// Store is what a driver implements. Hosts call [Service], which validates
// input, stamps times, makes IDs and fingerprints and wraps errors before a
// Store sees anything; calling a Store directly skips all of that. Rows created
// so without a Request are told from others by ID and SubjectID alone. Package
// conformance checks every rule below.
//
// # The one promise
//
//  1. At every moment at most one assignment per [Key] has a status that is not
//     terminal in the store's lifecycle. No interleaving of calls, handles,
//     processes or failures may break this, even for an instant.
//
// # What a Store may rely on
//
//  2. Input is valid: keys, IDs and texts obey their documented rules, statuses
//     that are asked for are known, times are UTC in whole microseconds,
//     metadata is a tree of decoded JSON. The ID of a new row is set, unless the
//     store is an [IDMaker].
//  3. The context is never nil. Everything else may happen at once: methods are
//     called from any number of goroutines.
//
// # What a Store owes
//
//  4. Atomicity: each call happens entirely or not at all, at one moment
//     between its begin and its end, and is seen by every later call on every
//     handle of the same backend.
//  5. Context: a call whose context has ended before it starts writes nothing
//     and returns the context's error. One whose context ends on the way
//     returns soon, and tells the truth: the context's error only if it is
//     certain that nothing was written, [*UnknownOutcomeError] otherwise. That
//     one is no other sentinel and no context's error besides. Once a write may
//     have been carried out without a reply, no refusal is believed, and a change
//     is never sent again: others may have worked on the row since.
//  6. Copies: nothing that is passed in or returned shares memory with the
//     store.
//  7. Times, metadata and all other attributes come back as they were given,
//     Request among them.
//  8. Errors are those of this package, testable with errors.Is; what the
//     backend reported stays in their chain. A lock that could not be had in
//     time is [ErrContended], never a conflict.
//  9. A rejected call changes nothing: no row, no version, no time.
//
// A driver that can do more implements an optional interface, [Replacer],
// [BatchCreator], [NewIDCreator] or [IDMaker]; Service detects it. New abilities always
// come that way, never as a new method of Store.
type Store interface {
	// Policy returns the rules that this store enforces. It is the same for the
	// life of the store.
	Policy() Policy

	// Create adds a, whose Status is the initial one and whose Version is 1.
	// The rules are tried in this order:
	//
	//   - A row with a.ID exists and [Assignment.SameRequest] holds: the row as it
	//     is now, with OutcomeReplayed, even when it has been completed since.
	//   - A row with a.ID exists and it does not hold: ErrIDReused.
	//   - Another row holds the slot of a.Key: *ActiveExistsError with that row,
	//     which held the slot at some moment during the call.
	//   - Otherwise a is stored and returned with OutcomeCreated.
	//
	// A holder that the backend hides from this caller, as row-level security can,
	// holds its slot all the same: the *ActiveExistsError is then without it.
	Create(ctx context.Context, a Assignment) (Result, error)

	// Update makes one change to the row with this ID and returns it. The rules
	// are tried in this order:
	//
	//   - No such row: ErrNotFound.
	//   - What [Change.Apply] refuses: its error.
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

// Replacer is the optional ability behind [Service.Replace]. There is no
// correct emulation without it: between retiring the holder and creating its
// successor somebody else could take the slot, so Service answers
// [ErrUnsupported] for stores that lack it.
type Replacer interface {
	// Replace retires the holder of next.Key to the status retireTo, which is
	// terminal, and creates next, in one atomic step. The rules are tried in
	// this order:
	//
	//   - next.ID exists: as for Create, replayed or ErrIDReused; nobody is
	//     retired.
	//   - The lifecycle does not allow the holder to move to retireTo:
	//     *TransitionError about the holder.
	//   - Otherwise the holder, if there is one, changes as [Change.Apply] says
	//     with next.CreatedAt as the time, and next is created. Result.Retired
	//     is the former holder as it is now.
	Replace(ctx context.Context, next Assignment, retireTo Status) (Result, error)
}

// NewIDCreator is the optional ability of a store that can save work when no
// row can have the ID of a new one yet. For a store that lacks it, and for the
// items of a batch, Service calls Create or CreateMany.
type NewIDCreator interface {
	// CreateNew is Create for an ID that [Service] made for this very call. For an
	// unused ID a caller sees no difference. Should the ID be in use after all,
	// the answers are those of Create, too, but a conflict with another holder of
	// the slot may come first.
	CreateNew(ctx context.Context, a Assignment) (Result, error)
}

// IDMaker is the optional ability of a store whose backend makes the IDs, such
// as a table with an identity column. MakesIDs tells whether this store is one;
// its answer never changes. For such a store
//
//   - [Service] hands Create and Replace rows with an empty ID, and refuses
//     [CreateParams.ID] with an [*UnsupportedError];
//   - the result carries the ID that the backend made;
//   - no request can be recognised when it is repeated, so that nothing is ever
//     replayed and [ErrIDReused] does not occur. The store must not send a
//     Create again by itself once its reply was lost;
//   - a lost reply stays [ErrUnknownOutcome] with an empty ID. Whether the row
//     was created then shows by who holds the slot: FindActive tells.
type IDMaker interface {
	MakesIDs() bool
}

// BatchCreator is the optional ability behind [Service.CreateMany]. For a store
// that lacks it, Service calls Create once per item, which is correct but takes
// as many round trips, and answers [ErrUnsupported] to
// [BatchOptions.AllOrNothing], of which there is no correct emulation.
type BatchCreator interface {
	// CreateMany adds the rows of the batch, which is never empty, and whose
	// order is the caller's. The driver neither changes nor keeps the slice; the
	// rules of Store hold for each row. It leaves ItemResult.ID to Service.
	//
	// By default each item stands on its own:
	//
	//  1. Each item has the result, or in Err the error, that Create would have
	//     had for it at a moment of its own during the call. Items that share an
	//     ID or a key have those of calls in the order of the batch. Beyond that,
	//     the order in which rows are written is the driver's.
	//  2. There is one result per item, at its index. The failure of one item
	//     stops no other.
	//  3. An item that was not sent because the context ended has the context's
	//     error. An item that may have been written has an [*UnknownOutcomeError]
	//     with its own ID.
	//  4. An error of the call is about all items, and comes without results:
	//     nothing was written for any of them, or it is an *UnknownOutcomeError
	//     and nothing is known of any.
	//
	// With opts.AllOrNothing:
	//
	//  5. All rows are added at one moment, or none is. No two items share a key
	//     unless they share an ID: Service has refused others.
	//  6. When Create in the order of the batch would refuse items, the error of
	//     the call is a [*BatchError] with the index and the error of the first
	//     of them. A replay is no refusal.
	//  7. Any other failure is the error of the call. When the outcome of the
	//     batch is unknown, it is an *UnknownOutcomeError, with the ID of the
	//     first item.
	//
	// In either case:
	//
	//  8. A batch has any size. How many items go into one statement is the
	//     driver's, and does not show in the results.
	//  9. Batches that overlap wait for each other at most. In whatever order
	//     their items stand, they never deadlock. Where they use one ID for
	//     different keys a backend may end one of them; it is then sent again,
	//     and no caller is told of a deadlock.
	CreateMany(ctx context.Context, batch []Assignment, opts BatchOptions) ([]ItemResult, error)
}
