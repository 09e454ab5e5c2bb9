// Package adopt puts the guard on a table that exists already, is in use, and
// may hold duplicates, invalid statuses and unfinished indexes.
//
// The way is [Check], [Repair], [Guard]. Check reads and reports what stands
// between the table and its guard. Repair keeps one assignment of each group
// of duplicates and moves the others to a terminal status; it deletes nothing
// and records every change in an audit table. Guard builds the unique index
// without blocking writers, makes the columns NOT NULL and verifies the result; it
// drops no index of the host's. [Plan] and [PlanGuard] say beforehand what the two
// would do. All of them can be interrupted at any point and called again.
//
// Make the writers ready first: as long as they check and then create,
// duplicates keep coming. Guard repairs those that arrive before the index
// stands, if its options say how.
//
// Everything runs on one connection of a *pgxpool.Pool, with session settings
// and a session lock, and closes that connection at the end; a second one, if
// it can be had, watches the progress of index builds. Connect to the primary
// itself or through a session pooler: Repair and Guard refuse a transaction pooler,
// which loses session locks.
//
// Failures are those of package assignment: [assignment.ErrInvalid] for
// options, and for what a rule of the table refuses, [assignment.ErrUnguarded] with
// the findings, [assignment.ErrContended] when locks could not be had in time,
// [assignment.ErrUnavailable] when the server refused,
// [assignment.ErrUnknownOutcome] when the reply to a commit was lost, and the
// context's. Calling again is right after each of the last four.
package adopt
