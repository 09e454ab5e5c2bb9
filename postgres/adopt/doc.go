// Package adopt puts the guard on a table that already exists, is in use, and may
// contain duplicates, invalid statuses and unfinished indexes.
//
// The steps are [Check], [Repair], [Guard]. Check reads and reports what keeps the
// table from being guarded. Repair keeps one assignment of each group of duplicates
// and moves the others to a terminal status; it deletes nothing and records every
// change in an audit table. Guard builds the unique index without blocking writers,
// makes the columns NOT NULL and verifies the result; it drops no index of the
// host's. [Plan] and [PlanGuard] say beforehand what the two would do. Each can be
// interrupted at any point and called again.
//
// Prepare the writers first: as long as they check and then create, duplicates keep
// coming. With Options.Repair, Guard repairs those that arrive before the index is
// built.
//
// Everything runs on one connection of a *pgxpool.Pool, with session settings and a
// session lock, which is closed at the end; a second one, if it is available, reports
// the progress of index builds. Connect to the primary directly or through a session
// pooler: Repair and Guard reject a transaction pooler, which loses session locks.
//
// Errors are those of package assignment: [assignment.ErrInvalid] for options and for
// what a rule of the table rejects, [assignment.ErrUnguarded] with the findings,
// [assignment.ErrContended], [assignment.ErrUnavailable],
// [assignment.ErrUnknownOutcome] when the reply to a commit was lost, and the
// context's. After each of the last four the call can be repeated.
package adopt
