package conformance

// The parts of the documentation that the rules check, quoted so that a failure can be
// understood without looking them up. A test compares the quotes with the
// documentation.
const (
	onPromise = "Store, rule 1: at every moment at most one assignment per [Key] has a status that is not " +
		"terminal in the store's lifecycle."
	onAtomicity = "Store, rule 4: each call happens entirely or not at all, at one moment between its begin " +
		"and its end, and is seen by every later call on every handle of the same backend."
	onContext = "Store, rule 5: a call whose context has ended before it starts writes nothing and " +
		"returns the context's error."
	onCancellation = "Store, rule 5: with the context's error only if it is certain that nothing was written, " +
		"[*UnknownOutcomeError] alone otherwise."
	onLost = "Store, rule 5: Once a write may have been carried out without a reply, no rejection is believed, " +
		"and a change is never sent again: others may have worked on the row since."
	onCopies   = "Store, rule 6: nothing that is passed in or returned shares memory with the store."
	onFidelity = "Store, rule 7: Times, metadata and all other attributes come back as they were given, Request " +
		"among them."
	onRejection = "Store, rule 9: A rejected call changes nothing: no row, no version, no time."

	onPolicy = "Store.Policy: returns the rules that this store enforces, always the same."

	onReplay = "Store.Create: A row with a.ID exists and [Assignment.SameRequest] holds: the row as it " +
		"is now, with OutcomeReplayed, even when it has been completed since."
	onReuse    = "Store.Create: A row with a.ID exists and it does not hold: ErrIDReused."
	onConflict = "Store.Create: Another row holds the slot of a.Key: *ActiveExistsError with that row, " +
		"which held the slot at some moment during the call."
	onCreate = "Store.Create: Otherwise a is stored and returned with OutcomeCreated."

	onCreateNew = "NewIDCreator.CreateNew: CreateNew is Create for an ID that [Service] made for this very call. Should " +
		"it be in use all the same, a conflict with another holder may come first."

	onUpdateMissing  = "Store.Update: No such row: ErrNotFound."
	onUpdateRejected = "Store.Update: What [Change.Apply] rejects: its error."
	onUpdateNoOp     = "Store.Update: What Change.Apply finds already so: the row unchanged, success."
	onUpdateConflict = "Store.Update: The changed row would hold the slot of its key while another row does: " +
		"*ActiveExistsError with that row."
	onUpdate    = "Store.Update: Otherwise the row is as Change.Apply returned it."
	onStale     = "Change.Apply: a version that does not match is [ErrStale] whatever the status"
	onClosedKey = "Service.Reassign: One in a terminal status can't be reassigned."

	onReplaceExisting = "Replacer.Replace: next.ID exists: as for Create, replayed or ErrIDReused; nobody is retired."
	onReplaceRejected = "Replacer.Replace: The lifecycle does not allow the holder to move to retireTo: " +
		"*TransitionError about the holder."
	onReplace = "Replacer.Replace: Otherwise the holder, if any, changes as [Change.Apply] says with " +
		"next.CreatedAt as the time, and next is created."
	onReplaceAtomic = "Service.Replace: in one atomic step: the slot is never seen free or held twice."

	onItem = "BatchCreator.CreateMany: Each item has the result, or in Err the error, that Create would have " +
		"had for it at a moment of its own during the call."
	onItemOrder = "BatchCreator.CreateMany: Items that share an ID or a key have those of calls in the order " +
		"of the batch."
	onItemIndex = "BatchCreator.CreateMany: There is one result per item, at its index. The failure of one " +
		"item stops no other."
	onItemTruth = "BatchCreator.CreateMany: An item that was not sent because the context ended has the " +
		"context's error. An item that may have been written has an [*UnknownOutcomeError] with its own ID."
	onBatchWhole   = "BatchCreator.CreateMany: With opts.AllOrNothing all rows are added at one moment, or none is."
	onBatchFailure = "BatchCreator.CreateMany: the error of the call is a [*BatchError] with the index and the " +
		"error of the first of them. A replay is no rejection."
	onBatchTruth = "BatchCreator.CreateMany: Any other failure is the error of the call; an unknown outcome " +
		"has the ID of the first item."
	onBatchSize  = "BatchCreator.CreateMany: A batch has any size."
	onBatchLocks = "BatchCreator.CreateMany: Batches that overlap wait for each other at most: in whatever " +
		"order their items are, none fails because of a deadlock."

	onEnsure     = "Service.Ensure: it returns the assignment that holds the slot, creating it when nobody does."
	onGet        = "Store.Get: returns the row with this ID, or ErrNotFound."
	onFindActive = "Store.FindActive: returns the row that holds the slot, or ErrNotFound."
	onList       = "Store.List: returns the first q.Limit rows that match q behind q.After, in the order of [Query]."
	onShortPage  = "Store.List: Fewer rows than Limit mean that there are no more."
	onCount      = "Store.Count: returns how many rows match q; After and Limit are to be ignored."
	onOrder      = "Query: Order is always by CreatedAt, then by ID bytewise, both ascending"
	onPaging     = "Service.List: nothing is yielded twice, and what existed throughout and matched " +
		"throughout is not skipped."
	onCursor = "Cursor: It stays valid when that assignment changes or is gone."
	onFilter = "Query: Its conditions are joined by AND; the zero Query selects everything."

	onKey         = "Key: Both parts are opaque, case-sensitive and compared bytewise"
	onID          = "ID: An ID is opaque, case-sensitive and compared bytewise"
	onInvalid     = "ErrInvalid: means that the input was rejected: by a rule of this package before anything was sent"
	onUnsupported = "ErrUnsupported: means that this store can't do what was asked."
	onUnknown     = "Lifecycle: A status that is not terminal holds the slot, also one that the lifecycle does not " +
		"know, read from a table that others write to: the guarantee fails closed."
	onForeign = "Lifecycle.Allows: From a status that the lifecycle does not know, only terminal ones can " +
		"be reached"
	onVersion     = "Assignment.Version: counts the row's states: 1 when created, one more after each change."
	onCompletedAt = "Assignment.CompletedAt: when its terminal status began; zero while it holds the slot"
)
