// Package faults runs the PostgreSQL store through failures of the network,
// the server and the pooler, and then checks that every reply was true.
//
// Callers create, ensure, complete and reopen assignments on few keys. Each goes
// through its own proxy, which breaks connections at chosen messages, while
// backends or the whole server may be killed. Every call goes into a [Ledger],
// and a trigger records every state of every row. Afterwards these must hold:
//
//   - I1: at most one active row per key, at every moment of the history and in
//     every sample taken during the run.
//   - I2: every active row was reported as created by exactly one call, or that
//     call reported an unknown outcome or a replay.
//   - I3: no call reported a conflict with the row that it had created itself.
//   - I4: every row that was reported exists, in exactly the reported state.
//   - I5: no call that reported a failure has written anything.
//   - I6: every error is exactly one of the sentinels of package assignment, or
//     the context's.
//
// [Chaos] runs all of it at once, with all drivers on one table.
package faults
